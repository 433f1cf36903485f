"""Reads files of rule tests and runs them. What is wrong with a file is told with its place, before anything runs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from risk_rules import rulebook as rulebooks
from risk_rules.documents import Document, Steps
from risk_rules.problems import DocumentError, Place, Problem
from risk_rules.rulebook import Rulebook
from streams.network.load import load as load_network
from streams.network.model import EMPTY, Network
from streams.rule_tests import events, subjects
from streams.rule_tests.text import CaseText, TestsText

Resolve = Callable[[Sequence[str]], list[Path]]
"""Gives the files of a rulebook by the names in a test file."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One case that ran. `differences`: none when it passed; lines with - were expected, lines with + were found."""

    file: str
    line: int
    column: int
    name: str
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


class Suite:
    """One file of tests, ready to run. Raises `DocumentError` with all that is wrong with it and its rulebook."""

    def __init__(self, path: Path, resolve: Resolve, instead: Sequence[Path] | Rulebook = ()) -> None:
        """`instead`: this rulebook in the place of the one that the file names."""
        self._document = Document.load(path)
        self.text = self._document.convert(TestsText)
        found = [problem for number, case in enumerate(self.text.cases) for problem in self._problems(number, case)]
        self._book: Rulebook | None = None
        self._network: Network = EMPTY
        try:
            named = [_beside(path, name) for name in self.text.rulebook]
            self._book = instead if isinstance(instead, Rulebook) else rulebooks.load(list(instead) or resolve(named))
            if self.text.network is not None:
                self._network = load_network(path.parent / self.text.network)
        except DocumentError as error:
            found += error.problems
        if self._book is not None:
            found += self._unknown_rules(self._book)
        if found:
            raise DocumentError(found)

    def run(self, number: int) -> Outcome:
        """Run one case."""
        assert self._book is not None
        case = self.text.cases[number]
        run = events.run if case.events else subjects.run
        lines = run(case, self._book, self._network)
        place: Place = self._document.place(("cases", number))
        return Outcome(
            file=self._document.file, line=place.line, column=place.column, name=case.name, differences=tuple(lines)
        )

    def _problems(self, number: int, case: CaseText) -> list[Problem]:
        path: Steps = ("cases", number)
        given = [name for name in ("features", "steps", "events") if getattr(case, name)]
        if case.features is not None and "features" not in given:
            given.append("features")
        if len(given) != 1:
            message = f"{case.name}: give one of features, steps and events" + (f", not {len(given)}" if given else "")
            return [self._document.problem(path, message, "see docs/rules.md")]
        check = events.problems if case.events else subjects.problems
        return check(self._document, path, case)

    def _unknown_rules(self, book: Rulebook) -> list[Problem]:
        """Rules that are named and are not there: a test of nothing would pass for ever."""
        known = {rule.id for rule in book.rules}
        found: list[Problem] = []
        for number, case in enumerate(self.text.cases):
            expected = [*case.expect, *(one for part in (*case.steps, *case.verdicts) for one in part.expect)]
            for name in dict.fromkeys([*case.only, *(one.rule for one in expected)]):
                if name not in known:
                    message = f"{case.name}: there is no rule {name}"
                    hint = "known are " + ", ".join(sorted(known))
                    found.append(self._document.problem(("cases", number), message, hint))
        return found


def _beside(tests: Path, name: str) -> str:
    """A file of the rulebook, seen from the folder of the tests; a word stays the name of one that ships."""
    return str(tests.parent / name) if name.endswith((".yaml", ".yml")) else name
