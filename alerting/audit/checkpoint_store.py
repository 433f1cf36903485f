"""Where checkpoints are kept, outside the database: a file that only grows, or a folder with a file for each.

The file suits `chattr +a` and log shippers, the folder stores that keep an object as it is once written.
"""

import fcntl
import os
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from alerting.audit.checkpoint import Checkpoint, CheckpointFault, read

_BLOCK = 65_536


class Place(NamedTuple):
    """One text that should be a checkpoint, and where it stands."""

    where: str
    line: bytes
    whole: bool
    """False: its end is missing, as when the machine stopped while it was written."""


class CheckpointStore(ABC):
    """Checkpoints in their order. Raises OSError where the disk does not let it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def places(self) -> Iterator[Place]:
        """All that is there at the time of the call, from the first. Raises FileNotFoundError."""

    @abstractmethod
    def newest(self) -> Iterator[Place]:
        """The same, from the last back."""

    @abstractmethod
    def add(self, checkpoint: Checkpoint) -> None:
        """Keep one for good; it is on the disk when this returns. Only inside `alone`."""

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep out all others of this machine who would add one."""
        lock = self.path.with_name(self.path.name + ".lock")
        with lock.open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def last(self) -> Checkpoint | None:
        """The newest checkpoint, its signature not yet checked. What can be read as none is passed over: it was cut while
        it was written, and verification tells of it."""
        for place in self.newest():
            with suppress(CheckpointFault):
                return read(place.line)
        return None


class CheckpointFile(CheckpointStore):
    """A checkpoint a line."""

    def places(self) -> Iterator[Place]:
        return self._lines(self.path.stat().st_size)

    def _lines(self, size: int) -> Iterator[Place]:
        with self.path.open("rb") as file:
            number, read_bytes = 0, 0
            while read_bytes < size and (line := file.readline()):
                number, read_bytes = number + 1, read_bytes + len(line)
                if line != b"\n":
                    yield Place(f"{self.path}, line {number}", line.removesuffix(b"\n"), line.endswith(b"\n"))

    def newest(self) -> Iterator[Place]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            rest, at, whole = b"", file.seek(0, os.SEEK_END), False
            while at > 0:
                step = min(_BLOCK, at)
                at = file.seek(at - step)
                (*lines,) = (file.read(step) + rest).split(b"\n")
                rest = lines[0]
                for line in reversed(lines[1:]):
                    if line:
                        yield Place(f"{self.path}, near its end", line, whole)
                    whole = True
            if rest:
                yield Place(f"{self.path}, line 1", rest, whole)

    def add(self, checkpoint: Checkpoint) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            cut = os.fstat(descriptor).st_size and not self._ends_with_a_line()
            text = (b"\n" if cut else b"") + checkpoint.line + b"\n"
            if os.write(descriptor, text) != len(text):
                raise OSError(f"{self.path}: the disk took only a part of the checkpoint")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _ends_with_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


class CheckpointFolder(CheckpointStore):
    """A file for each: `000000012.json`. None is ever written twice."""

    def places(self) -> Iterator[Place]:
        return self._read(self._files())

    def newest(self) -> Iterator[Place]:
        return self._read(self._files()[::-1])

    def _files(self) -> list[Path]:
        return sorted(self.path.glob("*.json"))

    @staticmethod
    def _read(files: list[Path]) -> Iterator[Place]:
        for file in files:
            text = file.read_bytes()
            yield Place(str(file), text.removesuffix(b"\n"), whole=True)

    def add(self, checkpoint: Checkpoint) -> None:
        final = self.path / f"{checkpoint.said.number:09}.json"
        draft = final.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(checkpoint.line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, final)  # fails where there is one already, whoever wrote it
        finally:
            draft.unlink()
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def store_at(path: Path) -> CheckpointStore:
    """The checkpoints at this path: those of a folder where there is one, else of a file."""
    return CheckpointFolder(path) if path.is_dir() else CheckpointFile(path)
