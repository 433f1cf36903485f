"""Where segments lie: a folder or a bucket, by fsspec. A segment is there whole or not at all.

<archive>/raw/<partner's topic>/<topic id>/<partition>/<segment>
<archive>/links/scrm.events.v1/<topic id>/<partition>/<segment>
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import uuid4

from fsspec.core import url_to_fs  # pyright: ignore[reportUnknownVariableType]
from fsspec.implementations.local import LocalFileSystem

from streams.archive.segment import Segment, SegmentName

UNFINISHED = ".part"


class Shelf(NamedTuple):
    """The segments of one partition of one topic. `holds`: raw records, or links."""

    holds: str
    topic: str
    topic_id: str
    partition: int

    @property
    def path(self) -> str:
        return f"{self.holds}/{self.topic}/{self.topic_id}/{self.partition}"


class Gap(NamedTuple):
    """Offsets that no segment covers, between others that are covered."""

    first: int
    last: int


class Overtaken(RuntimeError):
    """Another worker has stored these records meanwhile: it has taken over the partition."""


class Archive:
    """The segments under `url`: a path, `s3://bucket/prefix`, or whatever else fsspec and its plug-ins know.

    Keys for a store come from where its plug-in looks for them (environment, machine's role), never from here.
    """

    def __init__(self, url: str) -> None:
        self._files, root = cast("tuple[Any, str]", url_to_fs(url))
        self._root = root.rstrip("/")
        self.url = url

    def shelves(self, holds: str, topic: str | None = None) -> list[Shelf]:
        """All shelves, in the order of topics, ids and partitions."""
        found: list[Shelf] = []
        for of_topic in [topic] if topic is not None else self._names(holds):
            for topic_id in self._names(f"{holds}/{of_topic}"):
                numbers = [name for name in self._names(f"{holds}/{of_topic}/{topic_id}") if name.isdecimal()]
                found += [Shelf(holds, of_topic, topic_id, number) for number in sorted(map(int, numbers))]
        return found

    def segments(self, shelf: Shelf) -> list[SegmentName]:
        """What lies on a shelf, by offsets. Of two that begin alike the longer one comes first."""
        named = [SegmentName.parse(name) for name in self._names(shelf.path)]
        return sorted((name for name in named if name is not None), key=lambda one: (one.first, -one.last))

    def next_offset(self, shelf: Shelf) -> int | None:
        """The offset after the last one that is covered; None for an empty shelf."""
        return max((name.last + 1 for name in self.segments(shelf)), default=None)

    def store(self, shelf: Shelf, segment: Segment) -> None:
        """Put a segment on its shelf: under a temporary name first, so that a kill leaves all of it or nothing.

        Raises `Overtaken` where some of its records lie there already.
        """
        if (there := self.next_offset(shelf)) is not None and there > segment.name.first:
            raise Overtaken(
                f"{shelf.path}: up to {there - 1} is there already, and not by this worker; it goes on from there"
            )
        folder = f"{self._root}/{shelf.path}"
        temporary, final = f"{folder}/{uuid4().hex}{UNFINISHED}", f"{folder}/{segment.name}"
        if isinstance(self._files, LocalFileSystem):
            _write_durably(Path(temporary), Path(final), segment.content)
        else:
            self._files.pipe_file(temporary, segment.content)
            self._files.mv(temporary, final)

    def sweep(self, shelf: Shelf) -> None:
        """Remove what a worker that was killed had not finished."""
        for name in self._names(shelf.path):
            if name.endswith(UNFINISHED):
                self._files.rm_file(f"{self._root}/{shelf.path}/{name}")

    def load(self, shelf: Shelf, name: SegmentName) -> Segment:
        """A segment's bytes. Raises OSError."""
        return Segment(name, self._files.cat_file(self.path_of(shelf, name)))

    def path_of(self, shelf: Shelf, name: SegmentName) -> str:
        """Where a segment lies, for people and for errors."""
        return f"{self._root}/{shelf.path}/{name}"

    def size(self, shelf: Shelf, name: SegmentName) -> int:
        """Bytes of a segment."""
        return int(self._files.size(self.path_of(shelf, name)))

    def _names(self, folder: str) -> list[str]:
        path = f"{self._root}/{folder}"
        self._files.invalidate_cache(path)  # another worker may have written since
        try:
            listed: list[str] = self._files.ls(path, detail=False)
        except FileNotFoundError:
            return []
        return sorted(name.rstrip("/").rpartition("/")[2] for name in listed)


def gaps(names: list[SegmentName]) -> Iterator[Gap]:
    """What is missing on a shelf."""
    reached = -1
    for before, name in pairwise(names):
        reached = max(reached, before.last)
        if name.first > reached + 1:
            yield Gap(reached + 1, name.first - 1)


def _write_durably(temporary: Path, final: Path, content: bytes) -> None:
    """On the disk before it has its name, and its name on the disk before this returns."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
