"""The files of a rulebook on disk: read as a whole, checked, and tested by the tests that lie beside them."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from risk_rules import rulebook as rulebooks
from risk_rules.problems import DocumentError, Problem
from risk_rules.rulebook import Rulebook
from streams.rule_tests.running import Suite


class RulebookFiles:
    """The files of one rulebook, in their order. Beside `rules.yaml` its tests may lie, as `rules.tests.yaml`."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._tests = tuple(path.with_suffix(".tests.yaml") for path in paths)

    @property
    def folders(self) -> frozenset[Path]:
        """What to watch: editors and Kubernetes put a new file in the old one's place."""
        return frozenset(path.parent.resolve() for path in self.paths)

    def fingerprint(self) -> str:
        """A hash of all that the files say now, tests and comments too; a file that cannot be read counts as such."""
        digest = hashlib.sha256()
        for path in (*self.paths, *self._tests):
            try:
                said = b"+" + path.read_bytes()
            except OSError:
                said = b"-"
            digest.update(len(said).to_bytes(8) + said)
        return digest.hexdigest()[:12]

    def checked(self) -> Rulebook:
        """The rulebook, which has passed its tests. Raises `DocumentError` with all that is wrong."""
        book = rulebooks.load(self.paths)
        problems: list[Problem] = []
        for path in self._tests:
            if path.exists():
                problems += _failed(path, book)
        if problems:
            raise DocumentError(problems)
        return book


def _failed(path: Path, book: Rulebook) -> Iterator[Problem]:
    suite = Suite(path, lambda names: [], book)
    for number in range(len(suite.text.cases)):
        try:
            outcome = suite.run(number)
        except Exception as fault:  # whatever a new rule breaks must not come into force
            yield Problem(str(path), 1, 1, f"test {suite.text.cases[number].name!r} cannot be run: {fault!r}")
            continue
        if not outcome.passed:
            message = f"test {outcome.name!r} failed: {'; '.join(outcome.differences)}"
            yield Problem(outcome.file, outcome.line, outcome.column, message)
