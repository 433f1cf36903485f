"""The register's filters: they never overlook what they were told, and give back what is forgotten."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.ledger.spans import SMALLEST, Spans

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)

identities = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


@given(rows=st.lists(identities, min_size=1, max_size=10), unknown=identities)
def test_whatever_was_counted_is_suspected(rows: list[list[int]], unknown: list[int]):
    spans = Spans()
    for number, row in enumerate(rows):
        spans.add(number, row, MONDAY)
    counted = {one for row in rows for one in row}
    assert counted <= set(spans.suspects([*unknown, *counted]))


def test_an_event_is_looked_for_only_in_the_rows_of_the_span_that_suspects_it():
    spans = Spans()
    spans.add(0, range(SMALLEST), MONDAY)
    spans.add(1, [SMALLEST + 1], MONDAY)
    spans.add(2, [SMALLEST + 2], MONDAY)
    ((span, some),) = spans.suspecting([SMALLEST + 2])
    assert (span.first, span.end, some) == (1, 3, [SMALLEST + 2])


def test_a_span_is_let_go_when_the_last_of_its_rows_is_forgotten():
    spans = Spans()
    spans.add(0, range(SMALLEST), MONDAY)
    spans.add(1, [SMALLEST + 1], MONDAY + timedelta(days=1))
    spans.forget(before=MONDAY)
    assert spans.suspects([7, SMALLEST + 1]) == [SMALLEST + 1, 7]
    spans.forget(before=MONDAY + timedelta(hours=1))
    assert spans.suspects([7, SMALLEST + 1]) == [SMALLEST + 1]
    spans.forget(before=MONDAY + timedelta(days=2))
    assert spans.suspects([7, SMALLEST + 1]) == []
