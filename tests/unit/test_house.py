"""What the house promises about itself: pages made from the code are current, and what the documents show works."""

import json
import re
import tomllib
from pathlib import Path

import click
import jsonschema
import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from risk_rules.documents import Document
from risk_rules.rulebook import parse
from risk_rules.schema import rulebook_schema
from streams.cli.describe import event_schemas
from streams.cli.program import app
from streams.metrics import markdown

ROOT = Path(__file__).parents[2]
PACKAGES = ("streams", "risk_rules", "alerting", "tests")
DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.exists()]
MOST_LINES = 400

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(document: Path, *languages: str) -> list[str]:
    """The fenced code of a document in one of the languages ('' for none)."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)
    return [code for language, code in fenced if language in languages]


def shell_lines(document: Path) -> list[str]:
    lines = [line for block in blocks(document, "", "sh", "bash", "console") for line in block.splitlines()]
    lines += re.findall(r"^ {4}(\S.*)$", document.read_text(), re.MULTILINE)
    return [line.strip().removeprefix("$ ") for line in lines]


@documents
def test_python_in_the_documents_runs(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for code in blocks(document, "python"):
        exec(compile(code, str(document), "exec"), names)


@documents
def test_commands_in_the_documents_exist(document: Path) -> None:
    for line in shell_lines(document):
        words = line.split()
        if not words or words[0].rpartition("/")[2] != "bellwether":
            continue
        command: click.Command = typer.main.get_command(app)
        for word in words[1:]:
            # Typer may bring its own copy of click's classes: a group is what has commands.
            commands = getattr(command, "commands", None)
            if commands is None or word.startswith("-"):
                break
            assert word in commands, f"{document.name}: `{line}`: there is no command {word!r}"
            command = commands[word]
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in words[1:]:
            option = word.partition("=")[0]
            if re.fullmatch(r"--[a-z][a-z-]*", option) and option != "--help":
                top = {name for parameter in typer.main.get_command(app).params for name in parameter.opts}
                assert option in options | top, f"{document.name}: `{line}`: there is no option {option}"


@documents
def test_make_targets_in_the_documents_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for line in shell_lines(document) if re.match(r"make [a-z]", line)}
    assert named <= targets


@documents
def test_links_in_the_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


def test_the_page_of_metrics_is_current() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == markdown(), "run `make docs`"


def test_the_schema_of_events_is_current() -> None:
    kept = json.loads((ROOT / "docs" / "events.schema.json").read_text())
    assert kept == json.loads(json.dumps(event_schemas())), "run `make docs`"


def test_the_schema_of_rulebooks_is_current() -> None:
    kept = json.loads((ROOT / "docs" / "rulebook.schema.json").read_text())
    assert kept == json.loads(json.dumps(rulebook_schema())), "run `make docs`"


@documents
def test_rulebooks_in_the_documents_can_be_used(document: Path) -> None:
    for code in blocks(document, "yaml"):
        if code.startswith("rulebook:"):
            parse(code, str(document))
            jsonschema.validate(Document.parse(code, str(document)).value, rulebook_schema())


@pytest.mark.parametrize("path", [*ROOT.glob("risk_rules/rulebooks/*.yaml")], ids=lambda path: path.stem)
def test_the_rulebooks_that_ship_meet_the_schema_of_rulebooks(path: Path) -> None:
    jsonschema.validate(Document.load(path).value, rulebook_schema())


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["embedded"]), ("requirements-dev.lock", ["embedded", "dev"])]
)
def test_the_lock_pins_what_the_project_asks_for(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(text for extra in extras for text in project["optional-dependencies"][extra])]
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.MULTILINE)
    pinned = {canonicalize_name(name): version for name, version in pins}
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: run `make lock`"


def test_no_file_needs_a_table_of_contents() -> None:
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    long = {str(path.relative_to(ROOT)): n for path in sources if (n := path.read_text().count("\n")) > MOST_LINES}
    assert not long
