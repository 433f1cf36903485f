"""The commands of docs/archive.md, run as they stand there on an archive of a month."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from streams.archive.entries import LINKS, RAW, link_entry
from streams.archive.keeping import Keeper, Patience
from streams.archive.place import Archive
from streams.lanes import Batch, Partition
from streams.topics import EVENTS_TOPIC
from tests.unit.archive.records import BEGIN, Segments, Sent, keep
from tests.unit.intake.order_map import MAP, text
from tests.unit.intake.partner_events import STRUCTURED, stock_report
from tests.unit.intake.partner_events import text as event

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    ((?:BELLWETHER_\w+=\S+ )?bellwether (?!up).*)$", PAGE, re.MULTILINE)
BODY = event(stock_report(id="evt-1", siteid="BSL", time="2026-03-01T00:00:00Z"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the page takes it: an archive with one event and its link, a network, and a mended profile."""
    folder = tmp_path_factory.mktemp("page")
    at = round(BEGIN.timestamp() * 1000)
    archive = Archive(str(folder / "archive"))
    keep(archive, Batch("cdmo.acme.inbound", 0, 0, [Sent(0, at, None, BODY, STRUCTURED)]))
    canonical = [("bellwether.origin", b"cdmo.acme.inbound/0/0"), ("bellwether.mapping", b"cloudevents@1.0")]

    async def known(topic: str) -> str:
        return "id-2"

    async def link() -> None:
        patience = Patience(1, timedelta(hours=1))
        keeper = Keeper(
            archive, LINKS, link_entry, patience=patience, topic_id=known, clock=lambda: BEGIN, stored=Segments()
        )
        await keeper.assigned(Partition(EVENTS_TOPIC, 0))
        await keeper.handle(Batch(EVENTS_TOPIC, 0, 0, [Sent(0, at + 5, b"BSL", BODY, canonical)]))

    asyncio.run(link())
    (folder / "network.yaml").write_text("partners: {acme: {name: Acme, sites: {BSL: {name: Basel}}}}")
    (folder / "mended").mkdir()
    (folder / "mended" / "acme.yaml").write_text(text(MAP))
    return folder


def run(folder: Path, line: str) -> subprocess.CompletedProcess[bytes]:
    words = shlex.split(line)
    environment = {"BELLWETHER_ARCHIVE": "archive", "BELLWETHER_NETWORK": "network.yaml"}
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    program = Path(sys.executable).with_name("bellwether")
    return subprocess.run([program, *words[1:]], cwd=folder, env=environment, capture_output=True)


def test_the_commands_of_the_page_do_what_it_says(folder: Path) -> None:
    assert len(COMMANDS) >= 7
    answers = {line: run(folder, line) for line in COMMANDS}
    for line, done in answers.items():
        assert done.returncode == 0, f"{line}\n{done.stdout.decode()}{done.stderr.decode()}"
    told = {line.split()[2]: done.stdout for line, done in answers.items() if line.split()[1] == "archive"}
    assert b"cdmo.acme.inbound" in told["list"]
    assert b"everything is as it was written" in told["verify"]
    assert told["find"] == BODY  # --raw comes last
    assert b"events   1" in told["replay"].replace(b"\n", b" ")
    (record,) = [json.loads(line) for line in (folder / "march.jsonl").read_text().splitlines()]
    assert record["origin"] == "cdmo.acme.inbound/0/0"
    assert (folder / "mended.db").exists()


def test_find_says_when_a_record_came_and_what_read_it(folder: Path) -> None:
    (found,) = json.loads(run(folder, "bellwether archive find /acme/erp evt-1 --json").stdout)["found"]
    assert (found["origin"], found["mapping"]) == ("cdmo.acme.inbound/0/0", "cloudevents@1.0")
    assert found["record"]["at"].startswith("2026-03-01T00:00:00")


def test_what_is_not_there_is_said_in_one_line(folder: Path) -> None:
    unknown = run(folder, "bellwether archive find /acme/erp evt-2")
    assert unknown.returncode == 1
    assert b"the archive knows no event evt-2 of /acme/erp" in unknown.stderr
    nowhere = run(folder, "BELLWETHER_ARCHIVE= bellwether archive list")
    assert nowhere.returncode == 2
    strange = run(folder, "BELLWETHER_ARCHIVE=nothing://x bellwether archive list")
    assert strange.returncode == 2
    assert b"nothing://x cannot be used" in strange.stderr


def test_damage_ends_verify_with_the_name_of_the_segment(folder: Path) -> None:
    (segment,) = (folder / "archive" / RAW).rglob("*.zst")
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-1])
    try:
        for command in ("verify", "extract x.jsonl --partner acme", "replay --database sqlite:///damaged.db"):
            done = run(folder, f"bellwether archive {command}")
            assert done.returncode == 1, command
            assert segment.name.encode() in done.stdout + done.stderr
    finally:
        segment.write_bytes(whole)
