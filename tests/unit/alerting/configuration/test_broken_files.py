"""Two hundred broken alerting files: each is refused with the place, or taken for what it says; never half loaded.

A file that is taken either means the same as the good one, or what it says otherwise is found in what was loaded.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from alerting.configuration.configuration import Configuration
from alerting.configuration.loading import parse, stored
from alerting.configuration.source import ConfigurationSource, Result
from risk_rules.documents import Document, DocumentError
from tests.unit.alerting.configuration.spoiling import GOOD, SECRET, Spoilt, spoil

SEED, COUNT = 5, 200
FILES = spoil(SEED, COUNT)
BEFORE = parse(GOOD)

SAME = {
    "a comment": GOOD + "# the end\n",
    "a byte order mark": "\ufeff" + GOOD,
    "quotes": GOOD.replace("to: planners", "to: 'planners'"),
    "a list of one": GOOD.replace("to: planners", "to: [planners]"),
    "another order": GOOD.replace("{to: ops, every: 10m}", "{every: 10m, to: ops}"),
    "another unit": GOOD.replace("{wait: 15m,", "{wait: 900s,"),
    "what goes without saying": GOOD.replace("every: 10m}", "every: 10m}\ninhibitions_: []").replace("inhibitions_: []", ""),
    "Windows lines": GOOD.replace("\n", "\r\n"),
}  # fmt: skip


def meaning(configuration: Configuration) -> Configuration:
    return replace(configuration, version="", text="", contacts=dict(configuration.contacts))


def taken(text: str) -> Configuration | DocumentError:
    try:
        return parse(text, "alerting.yaml")
    except DocumentError as error:
        return error


@pytest.mark.parametrize("one", FILES, ids=lambda one: one.way.replace(" ", "-"))
def test_a_broken_file_is_refused_with_the_place_or_taken_for_what_it_says(one: Spoilt) -> None:
    found = taken(one.text)
    if isinstance(found, DocumentError):
        lines = one.text.count("\n") + 2
        assert found.problems
        for problem in found.problems:
            assert problem.file == "alerting.yaml"
            assert 1 <= problem.line <= lines
            assert problem.column >= 1
            assert problem.message
        assert SECRET not in str(found)
        return
    data, before = Document.parse(one.text, "a").value, Document.parse(GOOD, "b").value
    if msgspec.json.encode(data, order="sorted") == msgspec.json.encode(before, order="sorted"):
        assert meaning(found) == meaning(BEFORE)
    else:
        assert meaning(found) != meaning(BEFORE), "what the file says otherwise is not in what was loaded"
    assert SECRET not in found.text
    assert SECRET not in repr(found)
    again = stored(found.text)
    assert replace(again, contacts={}) == replace(found, contacts={}), "it can be explained by what is stored of it"


def test_a_slip_of_the_pen_is_reported_where_it_is_or_where_the_name_is_missed() -> None:
    for one in FILES:
        found = taken(one.text)
        if not isinstance(found, DocumentError) or one.way not in ("wrong value", "slip in a value", "slip in a key"):
            continue
        assert one.at is not None
        line = one.text.count("\n", 0, one.at) + 1
        missed = any(word in problem.message for problem in found.problems for word in ("unknown", "may be nobody"))
        assert missed or any(abs(problem.line - line) <= 1 for problem in found.problems), (one.way, line, str(found))


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_a_file_that_is_only_written_otherwise_means_the_same(text: str) -> None:
    assert meaning(parse(text)) == meaning(BEFORE)


def test_whatever_is_put_in_the_place_of_the_file_only_what_can_be_loaded_comes_into_force(tmp_path: Path) -> None:
    path = tmp_path / "alerting.yaml"
    path.write_text(GOOD, encoding="utf-8")
    results: Counter[Result] = Counter()
    source = ConfigurationSource(
        path, clock=lambda: datetime(2026, 11, 2, tzinfo=UTC), tally=lambda result, _: results.update([result])
    )
    for one in FILES[:60]:
        before = source.current
        path.write_text(one.text, encoding="utf-8", newline="")
        expected = taken(one.text)
        result = source.reload()
        if isinstance(expected, DocumentError):
            assert result is Result.REFUSED
            assert source.current is before
            assert source.problems
        else:
            assert meaning(source.current) == meaning(expected)
            assert not source.problems
    assert results[Result.REFUSED] > 30
    path.write_bytes(b"route: \xff")
    assert source.reload() is Result.REFUSED
    path.unlink()
    assert source.reload() is Result.REFUSED
