"""docs/connect-a-partner.md, run as it is written: two feeds that nobody has seen before, by a profile alone."""

import re
import shlex
from pathlib import Path

from tests.integration.cli.test_commands import ROOT, bellwether

PAGE = (ROOT / "docs" / "connect-a-partner.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str, str, str]]:
    """The blocks of the page in order: language, file, the key whose line is replaced there, and text."""
    return [(found[1], found[2] or "", found[3] or "", found[4]) for found in BLOCK.finditer(PAGE)]


def written(folder: Path, file: str, key: str, text: str) -> None:
    target = folder / file
    target.parent.mkdir(exist_ok=True)
    if key:
        before = target.read_text(encoding="utf-8")
        text = re.sub(rf"^ *{key}:.*\n", text, before, count=1, flags=re.MULTILINE)
        assert text != before
    target.write_text(text, encoding="utf-8")


def test_the_page_is_run_as_written_and_ends_with_events_counted_by_a_ledger(tmp_path: Path) -> None:
    said, commands = "", 0
    for language, file, key, text in blocks():
        if file:
            written(tmp_path, file, key, text)
        elif language == "sh":
            said = ""
            for line in text.splitlines():
                program, *words = shlex.split(line)
                assert program == "bellwether"
                ended = bellwether(tmp_path, *words, network=str(tmp_path / "network.yaml"))
                assert ended.returncode in (0, 1), f"{line}: {ended.stderr}"
                said += ended.stdout + ended.stderr
                commands += 1
        elif language == "text":
            place = 0
            plain = " ".join(said.split())
            for line in text.splitlines():
                shown = " ".join(line.split())
                if shown.startswith(("unknown_code", "line ")):
                    assert shown in plain, said
                    continue
                assert shown in plain[place:], f"{line!r} is not in {said}"
                place = plain.index(shown, place) + len(shown)
    assert commands == 8
