"""A history without a clock of its own gets one, and nothing is seen before it was known."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.backtest.history import Step, steps
from streams.backtest.topic import merged
from streams.feeder import tick

DAY = timedelta(days=1)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def event(hours: float, recorded: float | None = None) -> bytes:
    said = {"type": "cdmo.batch.started", "time": MONDAY + timedelta(hours=hours)}
    return msgspec.json.encode(
        said if recorded is None else said | {"recordedtime": MONDAY + timedelta(hours=recorded)}
    )


def shape(found: list[Step]) -> list[str]:
    return ["event" if step.at is None else f"{(step.at - MONDAY) / DAY:g}" for step in found]


def test_each_day_is_closed_before_the_first_event_of_the_next() -> None:
    found = list(steps([event(8), event(20), event(30), event(80)], own_ticks=False))
    assert shape(found) == ["event", "event", "1", "event", "2", "3", "event", "4"]


def test_an_event_counts_when_it_was_written_down() -> None:
    found = list(steps([event(8), event(9, recorded=30), event(20)], own_ticks=False))
    assert shape(found) == ["event", "1", "event", "event", "2"]


def test_the_clock_of_the_history_itself_is_kept() -> None:
    found = list(steps([event(8), tick(MONDAY + DAY, 0), event(60), tick(MONDAY + 3 * DAY, 0)], own_ticks=True))
    assert shape(found) == ["event", "1", "event", "3"]


def test_a_line_that_is_no_event_goes_to_the_ledger_as_it_is() -> None:
    found = list(steps([event(8), b"not json", event(30)], own_ticks=False))
    assert [step.value for step in found if step.at is None] == [event(8), b"not json", event(30)]


@settings(derandomize=True)
@given(st.lists(st.floats(0, 500), min_size=1), st.integers(1, 100))
def test_no_tick_comes_before_what_was_known_by_then_and_every_event_stays_in_order(
    hours: list[float], every: int
) -> None:
    events = [event(hour) for hour in hours]
    found = list(steps(events, own_ticks=False, every=timedelta(hours=every)))
    assert [step.value for step in found if step.at is None] == events
    ticks = [step.at for step in found if step.at is not None]
    assert ticks == sorted(set(ticks))
    known = MONDAY - DAY
    for step in found:
        if step.at is None:
            known = max(known, _time(step.value))
        else:
            assert step.at > known


def _time(value: bytes) -> datetime:
    return datetime.fromisoformat(msgspec.json.decode(value)["time"])


def test_partitions_are_put_together_by_when_things_became_known_and_keep_their_own_order() -> None:
    one, other = [event(1), event(50), event(2)], [event(10), event(60)]
    assert list(merged([one, other])) == [event(1), event(10), event(50), event(2), event(60)]
