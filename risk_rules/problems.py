"""What is wrong with a file that people wrote, and where: one line a problem, so that an editor can jump to it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import msgspec


class Place(NamedTuple):
    """A place in a text; the first line and the first column are 1."""

    line: int
    column: int


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something wrong at a place of a file. `hint` says what to do about it."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{where} ({self.hint})" if self.hint else where


class DocumentError(Exception):
    """A file cannot be used. `problems` holds everything that is wrong with it; the text is one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that looks most like `word`, or nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""
