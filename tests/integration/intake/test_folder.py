"""Files that partners drop are taken once, whole, and their rows lie on the partner's topic."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from alerting.database import connect
from streams.intake.agent import producer
from streams.intake.folder import DropFolder
from streams.intake.profile import Profile
from streams.intake.publishing import publishing
from streams.intake.tables import intake_file, metadata
from tests.integration.intake.partner_topics import NOW, TOPICS, lying_in
from tests.servers import EmbeddedBroker
from tests.unit.intake.order_map import COUNT, MAP, text
from tests.unit.intake.stock_profile import GOOD, profile, table

FILES = (
    text(MAP).replace("format: json", 'format: json\n    transport: files\n    files: "*.json"')
    + """\
  count:
    format: xlsx
    transport: files
    files: "*.xlsx"
    source: /acme
    fields: {lot: {column: Lot}}
    events: [{name: e, type: cdmo.batch.cancelled, id: "{lot}", time: "2026-01-01T00:00:00Z", data: {}}]
"""
)
CONTENT = table(GOOD, "bad", GOOD)
INBOUND = "cdmo.acme.inbound"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop" / "acme"
    folder.mkdir(parents=True)
    return folder


def run(
    broker: EmbeddedBroker,
    database_url: str,
    drop: Path,
    story: Callable[[DropFolder], Awaitable[None]],
    said: Profile | None = None,
) -> None:
    """A story with a folder that is being watched."""
    broker.create(TOPICS)
    engine = connect(database_url)
    metadata.create_all(engine)

    async def main() -> None:
        out = producer(broker.bootstrap, {}, idempotent=False)
        await out.start()
        try:
            await story(
                DropFolder(
                    drop.parent,
                    engine,
                    profiles=lambda: {"acme": said or profile()},
                    publish=publishing(out),
                    clock=lambda: NOW,
                )
            )
        finally:
            await out.stop()

    try:
        asyncio.run(main())
    finally:
        engine.dispose()


def test_a_settled_file_is_taken_once_row_by_row_and_put_away(
    embedded: EmbeddedBroker, database_url: str, drop: Path
) -> None:
    file = drop / "bestand-1.csv"
    file.write_bytes(CONTENT)

    async def story(folder: DropFolder) -> None:
        assert await folder.look(0.0) == []
        (taken,) = await folder.look(2.0)
        assert (taken.rows, taken.path) == (3, drop / "done" / "bestand-1.csv")
        assert await folder.look(9.0) == []
        assert [record.value for record in await lying_in(embedded, INBOUND)] == CONTENT.splitlines(keepends=True)[1:]

    run(embedded, database_url, drop, story)
    assert not file.exists()
    engine = create_engine(connect(database_url).url)
    with engine.connect() as connection:
        (row,) = connection.execute(select(intake_file))
    engine.dispose()
    assert (row.partner, row.name, row.rows, row.taken_at) == ("acme", "bestand-1.csv", 3, NOW)


def test_the_same_content_under_another_name_is_not_taken_again(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    async def story(folder: DropFolder) -> None:
        for name in ("bestand-1.csv", "bestand-2.csv", "bestand-1.csv"):
            (drop / name).write_bytes(CONTENT)
            await folder.look(0.0)
            (taken,) = await folder.look(2.0)
        assert taken.again
        assert len(await lying_in(embedded, INBOUND)) == 3

    run(embedded, sqlite_url, drop, story)
    assert len(list((drop / "done").iterdir())) == 3


def test_a_file_that_still_grows_and_one_named_tmp_are_left_alone(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    async def story(folder: DropFolder) -> None:
        (drop / "bestand.csv.tmp").write_bytes(CONTENT)
        for now in range(0, 10, 2):
            with (drop / "bestand.csv").open("ab") as file:
                file.write(CONTENT)
            assert await folder.look(float(now)) == []
        (drop / "bestand.csv.tmp").rename(drop / "bestand-whole.csv")
        assert [taken.path.name for taken in await folder.look(11.0)] == ["bestand.csv"]
        assert [taken.path.name for taken in await folder.look(13.0)] == ["bestand-whole.csv"]

    run(embedded, sqlite_url, drop, story)


def test_a_file_that_no_feed_is_for_is_put_aside_with_the_reason(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    async def story(folder: DropFolder) -> None:
        (drop / "notes.csv").write_bytes(CONTENT)
        await folder.look(0.0)
        (taken,) = await folder.look(2.0)
        assert taken.refused is not None

    run(embedded, sqlite_url, drop, story)
    assert (drop / "refused" / "notes.csv").exists()
    assert "No feed" in (drop / "refused" / "notes.csv.reason.txt").read_text()


def test_a_whole_file_of_the_partners_own_json_is_one_record(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    content = json.dumps(COUNT).encode()
    (drop / "stock-1.json").write_bytes(content)

    async def story(folder: DropFolder) -> None:
        await folder.look(0.0)
        (taken,) = await folder.look(2.0)
        assert taken.rows == 1
        (record,) = await lying_in(embedded, INBOUND)
        assert record.value == content
        assert dict(record.headers)["content-type"] == b"application/json; feed=stock"

    run(embedded, sqlite_url, drop, story, profile(FILES))


def test_a_file_that_no_record_can_hold_and_one_that_cannot_be_read_are_put_aside(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    (drop / "stock-1.json").write_bytes(b" " * 2_000_000)
    (drop / "count.xlsx").write_bytes(b"no workbook")

    async def story(folder: DropFolder) -> None:
        await folder.look(0.0)
        assert all(taken.refused is not None for taken in await folder.look(2.0))
        assert await lying_in(embedded, INBOUND) == []

    run(embedded, sqlite_url, drop, story, profile(FILES))
    assert "split it" in (drop / "refused" / "stock-1.json.reason.txt").read_text()
    assert "no workbook" in (drop / "refused" / "count.xlsx.reason.txt").read_text()


def test_a_link_is_not_followed(embedded: EmbeddedBroker, sqlite_url: str, drop: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.csv").write_bytes(CONTENT)
    (drop / "bestand.csv").symlink_to(tmp_path / "theirs.csv")

    async def story(folder: DropFolder) -> None:
        await folder.look(0.0)
        assert await folder.look(2.0) == []

    run(embedded, sqlite_url, drop, story)


def test_a_watched_folder_takes_what_is_dropped_until_it_is_told_to_stop(
    embedded: EmbeddedBroker, sqlite_url: str, drop: Path
) -> None:
    async def story(folder: DropFolder) -> None:
        folder._settled_seconds = 0.1  # type: ignore[attr-defined]
        stop = asyncio.Event()
        watching = asyncio.create_task(folder.run(stop))
        (drop / "bestand.csv").write_bytes(CONTENT)
        while not (drop / "done" / "bestand.csv").exists():
            await asyncio.sleep(0.05)
        stop.set()
        await watching
        assert len(await lying_in(embedded, INBOUND)) == 3

    run(embedded, sqlite_url, drop, story)
