"""The example files are right, and the pages' commands exist."""

import re
from pathlib import Path

import pytest
import typer.main
import yaml

from alerting.configuration import loading
from streams import metrics
from streams.cli.program import app
from streams.network.load import load

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_example_of_a_network_can_be_loaded() -> None:
    network = load(ROOT / "deploy" / "examples" / "network.yaml")
    assert set(network.partners) == {"acme"}


@pytest.mark.parametrize("path", ["deploy/examples/alerting.yaml", "docs/examples/alerting.yaml"])
def test_the_examples_of_alerting_files_can_be_loaded_without_a_warning(path: str) -> None:
    configuration = loading.load(ROOT / path)
    assert "planners" in configuration.receivers
    assert not configuration.warnings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_pages_exist(page: Path) -> None:
    group = typer.main.get_command(app)
    for line in re.findall(r"(?:^ {4}|`)bellwether ((?:[a-z]+ ?)+)", page.read_text(encoding="utf-8"), re.MULTILINE):
        first, *rest = line.split()
        assert first in group.commands, f"{page.name}: bellwether {line}"  # type: ignore[attr-defined]
        command = group.commands[first]  # type: ignore[attr-defined]
        if hasattr(command, "commands") and rest:
            assert rest[0] in command.commands, f"{page.name}: bellwether {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_in_the_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_prometheus_rules_name_metrics_that_exist() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    known = {described.name for described in metrics.DESCRIBED}
    for rule in rules["groups"][0]["rules"]:
        assert set(re.findall(r"bellwether_\w+", rule["expr"])) <= known, rule["alert"]
        assert rule["annotations"]["summary"]


def test_the_compose_file_starts_the_service_after_its_preparation() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["bellwether"]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
