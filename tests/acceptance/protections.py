"""Takes out what protects us from the defects of others, one at a time, and sees the test of it fail.

`python -m tests.acceptance.protections` works on a copy of this tree; `--only 3161` takes those whose name has it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tests.acceptance.known_defects import Edit, Protection, protections

ROOT = Path(__file__).parents[2]
COPIED = ("alerting", "risk_rules", "streams", "deploy", "tests", "pyproject.toml")

PASSED, FAILED = 0, 1
"""Exit codes of pytest; others say that there was no test to run, or none could be."""


def misplaced(edits: Sequence[Edit], root: Path = ROOT) -> Iterator[str]:
    """Edits that cannot be made: their text is not there, or more than once."""
    for file, old, _ in edits:
        if (count := (root / file).read_text(encoding="utf-8").count(old)) != 1:
            yield f"{file}: {old!r} is there {count} times"


@contextmanager
def _edited(edits: Sequence[Edit], root: Path) -> Iterator[None]:
    before = {file: (root / file).read_text(encoding="utf-8") for file, *_ in edits}
    try:
        for file, old, new in edits:
            path = root / file
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        yield
    finally:
        for file, text in before.items():
            (root / file).write_text(text, encoding="utf-8")


def _copy(to: Path) -> None:
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "node_modules", "*.pyc")
            shutil.copytree(ROOT / name, to / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, to / name)


def _run(one: Protection, root: Path) -> tuple[int, str]:
    """Exit code of the test, and what it said."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", one.test,
               "-k", one.database]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(root), "BELLWETHER_REQUIRE_SERVICES": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _reason(output: str) -> str:
    """The line of the first assertion or error that failed the test."""
    return next((line[2:].strip() for line in output.splitlines() if line.startswith("E ")), "")[:110]


def main(
    only: Annotated[str, typer.Option(help="Part of a defect's or a test's name.")] = "",
) -> None:
    """Each test passes as it is and fails without its protection; exit code 1 when one does not."""
    chosen = [one for one in protections() if only in f"{one.defects} {one.test}"]
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bellwether-protections-") as folder:
        root = Path(folder)
        _copy(root)
        for test, kind in dict.fromkeys((one.test, one.database) for one in chosen):
            code, output = _run(Protection("", test, (), kind), root)
            if code != PASSED:
                wrong.append(f"{test} does not pass as it is: {_reason(output)}")
        for one in chosen:
            with _edited(one.edits, root):
                code, output = _run(one, root)
            said = _reason(output)
            name = f"{one.defects}: {one.test.partition('::')[2]} [{one.database}]"
            print(f"{'fails' if code == FAILED else 'DOES NOT FAIL'}  {name}\n       {said}", flush=True)
            if code != FAILED:
                wrong.append(f"{name}: exit code {code}")
    print("\n".join([*wrong, f"{len(chosen)} protections taken out, {len(wrong)} wrong"]))
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
