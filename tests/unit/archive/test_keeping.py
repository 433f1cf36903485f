"""The archive after kills, take-overs and damage: no gap, no repeat, and every fault has a name."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from streams.archive.place import Archive, Overtaken
from streams.archive.reading import at_origin, faults, kept, newest, raw_records
from streams.archive.segment import Damaged
from tests.unit.archive.records import (
    BEGIN,
    PARTITION,
    SECOND,
    SHELF,
    TOPIC,
    Segments,
    batch,
    keep,
    keeper,
    offsets,
)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An empty bucket of a store that speaks S3."""
    server = ThreadedMotoServer(port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        fsspec.filesystem("s3").mkdir("archive")
        yield "s3://archive"
    server.stop()


@pytest.fixture(params=["disk", "memory", "s3"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """On the disk, in memory, and in S3: stores copy and delete where a disk renames, and S3 has no folders."""
    places = {"disk": lambda: tmp_path / "archive", "memory": lambda: f"memory://{uuid4().hex}"}
    place = places.get(request.param, lambda: f"{request.getfixturevalue('bucket')}/{uuid4().hex}")
    return Archive(str(place()))


def test_a_worker_goes_on_where_the_segments_end(archive: Archive) -> None:
    async def main() -> None:
        first = keeper(archive, plain_bytes=10**9)
        assert await first.assigned(PARTITION) is None
        await first.handle(batch(range(10)))
        assert first.waiting(PARTITION) == 10
        second = keeper(archive)  # the first one is killed: nothing of it is stored
        assert await second.assigned(PARTITION) is None
        await second.handle(batch(range(10)))
        assert second.waiting(PARTITION) == 0
        third = keeper(archive)
        assert await third.assigned(PARTITION) == 10
        await third.handle(batch(range(8, 12)))  # the broker gives a batch from before the place asked for

    asyncio.run(main())
    assert offsets(archive) == list(range(12))
    assert not list(faults(archive))


def test_a_segment_is_finished_when_it_is_large_or_old(archive: Archive) -> None:
    async def main() -> None:
        stored = Segments()
        now = BEGIN
        worker = keeper(archive, plain_bytes=1500, stored=stored, clock=lambda: now)
        await worker.assigned(PARTITION)
        await worker.handle(batch(range(5)))
        await worker.idle(PARTITION)
        assert not stored
        await worker.handle(batch(range(5, 60)))
        assert [(name.first, name.last) for name in stored] == [(0, 59)]
        await worker.handle(batch(range(60, 62)))
        now += timedelta(hours=2)
        await worker.idle(PARTITION)
        assert [(name.first, name.last) for name in stored] == [(0, 59), (60, 61)]
        assert (stored[1].begin, stored[1].end) == (BEGIN + 60 * SECOND, BEGIN + 61 * SECOND)

    asyncio.run(main())


def test_a_worker_that_comes_back_from_the_dead_stores_nothing_twice(archive: Archive) -> None:
    async def main() -> None:
        dead, alive = keeper(archive, plain_bytes=10**9), keeper(archive)
        await dead.assigned(PARTITION)
        await dead.handle(batch(range(5)))
        await alive.assigned(PARTITION)
        await alive.handle(batch(range(8)))
        with pytest.raises(Overtaken, match="up to 7 is there already"):
            await dead.revoked(PARTITION)
        assert await dead.assigned(PARTITION) == 8

    asyncio.run(main())
    assert offsets(archive) == list(range(8))


def test_a_topic_made_again_has_a_shelf_of_its_own(archive: Archive) -> None:
    keep(archive, batch(range(3)))
    keep(archive, batch(range(2)), topic_id="id-2")
    assert offsets(archive) == [0, 1, 2, 0, 1]


def test_only_records_of_the_stretch_asked_for_come_out(archive: Archive) -> None:
    keep(archive, batch(range(10)), batch(range(10, 20)))
    begin, end = BEGIN + 8 * SECOND, BEGIN + 13 * SECOND
    found = [one.offset for records in raw_records(archive, "acme", begin, end) for one in records]
    assert found == [8, 9, 10, 11, 12]
    assert [one.offset for one in newest(archive, "acme", 12)] == list(range(8, 20))
    assert [one.offset for one in newest(archive, "acme", 3)] == [17, 18, 19]
    assert newest(archive, "nobody", 3) == []


def test_a_record_is_found_by_its_place(archive: Archive) -> None:
    keep(archive, batch(range(10)), batch(range(10, 20)))
    found = at_origin(archive, f"{TOPIC}/0/13")
    assert found is not None
    assert (found.value, found.at) == (b"record 13", BEGIN + 13 * SECOND)
    assert at_origin(archive, f"{TOPIC}/0/99") is None
    assert at_origin(archive, f"{TOPIC}/1/13") is None
    with pytest.raises(ValueError, match="is no place of a record"):
        at_origin(archive, "cdmo.acme.inbound")


def test_damaged_moved_and_missing_segments_are_named(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    keep(archive, *(batch(range(n, n + 10)) for n in range(0, 50, 10)), batch(range(5), "cdmo.other.inbound"))
    flipped, cut, gone, moved, _ = [Path(archive.path_of(SHELF, name)) for name in archive.segments(SHELF)]
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-3])
    gone.unlink()
    elsewhere = tmp_path / "raw" / "cdmo.other.inbound" / "id-1" / "0" / moved.name
    moved.rename(elsewhere)
    told = {(fault.place, fault.message.split(":")[0]) for fault in faults(archive)}
    hashed = {place for place, message in told if "bytes hash to" in message}
    assert hashed == {str(flipped), str(cut)}
    assert (SHELF.path, "no segment has the offsets 20 to 39") in told
    assert (str(elsewhere), f"it is of {SHELF.path}") in told
    with pytest.raises(Damaged, match=flipped.name[:30]):
        offsets(archive)


def test_a_repeated_stretch_is_read_once(archive: Archive) -> None:
    keep(archive, batch(range(10)))
    other = Archive(f"{archive.url}-other")
    keep(other, batch(range(14)))
    (longer,) = other.segments(SHELF)
    # Two that store in the same moment do not see each other.
    url = f"{archive.url}/{SHELF.path}/{longer}"
    with fsspec.open(url, "wb") as file:
        file.write(other.load(SHELF, longer).content)
    assert offsets(archive) == list(range(14))


KILLED = """
import os, signal, sys
from pathlib import Path
from streams.archive.place import Archive
from tests.unit.archive.records import batch, keep

if sys.argv[2] == "before":
    Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
else:
    renamed = Path.rename
    def rename(self, to):
        renamed(self, to)
        os.kill(os.getpid(), signal.SIGKILL)
    Path.rename = rename
keep(Archive(sys.argv[1]), batch(range(5)), batch(range(5, 9)))
"""


@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 5)])
def test_after_a_kill_about_the_rename_there_is_no_gap_and_no_repeat(tmp_path: Path, moment: str, stored: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], cwd=Path(__file__).parents[3])
    assert done.returncode == -9
    archive = Archive(str(tmp_path))
    assert offsets(archive) == list(range(stored))
    assert len(list(tmp_path.rglob("*.part"))) == (1 if moment == "before" else 0)
    assert archive.next_offset(SHELF) == (stored or None)
    keep(archive, batch(range(stored, 9)))
    assert offsets(archive) == list(range(9))
    assert not list(tmp_path.rglob("*.part"))
    assert not list(faults(archive))
    assert {one.partner for one in kept(archive)} == {"acme"}
