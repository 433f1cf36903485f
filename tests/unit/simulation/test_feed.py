"""Feeds are dirty as in life: the intake can read all that is meant to be read, and refuses the rest."""

from collections import Counter

import pytest

from streams.events import EVENT_TYPES, Event
from streams.events.control import Withdrawn
from streams.intake.refusal import Reason
from tests.unit.simulation.lived import Life, calm, disturbed, events, outcomes


@pytest.fixture(scope="module")
def life() -> Life:
    return disturbed(1)


@pytest.fixture(scope="module")
def sent(life: Life) -> list[Event]:
    return [event for _, event in events(life)]


def test_only_spoilt_records_are_refused(life: Life) -> None:
    refused = Counter(outcome for _, outcome in outcomes(life) if isinstance(outcome, Reason))
    assert set(refused) == {
        Reason.BAD_JSON,
        Reason.BAD_ENCODING,
        Reason.MISSING_ATTRIBUTE,
        Reason.BAD_TIME,
        Reason.UNKNOWN_TYPE,
        Reason.UNKNOWN_SITE,
        Reason.BAD_FIELD,
        Reason.EMPTY,
        Reason.BAD_VALUE,
    }
    assert sum(refused.values()) < 0.01 * sum(len(day.records) for day in life.days)


def test_partners_write_in_their_own_formats(life: Life) -> None:
    formats = {
        (record.partner, dict(record.headers)["content-type"].partition(b";")[0].decode())
        for day in life.days
        for record in day.records
    }
    assert ("alpenbio", "application/cloudevents+json") in formats
    assert ("sterifill", "application/json") in formats
    assert ("vistula", "text/csv") in formats


def test_every_kind_of_event_of_the_four_families_is_told(sent: list[Event]) -> None:
    told = {type(event) for event in sent}
    missing = {name for name, kind in EVENT_TYPES.items() if kind not in told and name.startswith("cdmo.")}
    assert missing == {"cdmo.shipment.milestone", "cdmo.batch.cancelled"}


def test_some_events_come_twice_and_are_the_same(sent: list[Event]) -> None:
    by_identity: dict[tuple[str, str], Event] = {}
    repeats = 0
    for event in sent:
        first = by_identity.setdefault((event.source, event.id), event)
        repeats += first is not event
        assert first == event
    assert 0.01 < repeats / len(sent) < 0.04


def test_a_correction_names_an_event_of_the_same_source(sent: list[Event]) -> None:
    known = {(event.source, event.id): event for event in sent}
    corrections = [event for event in sent if event.corrects is not None]
    assert corrections
    for event in corrections:
        wrong = known[event.source, str(event.corrects)]
        assert type(wrong) is type(event)
        assert wrong.data != event.data


def test_what_is_withdrawn_was_told(sent: list[Event]) -> None:
    known = {(event.source, event.id) for event in sent}
    withdrawn = [event for event in sent if isinstance(event, Withdrawn)]
    assert withdrawn
    assert all((event.source, event.data.event_id) in known for event in withdrawn)


def test_some_reports_are_late_and_some_overtake_others(sent: list[Event]) -> None:
    delays = [(event.recordedtime - event.time).total_seconds() / 3600 for event in sent if event.recordedtime]
    assert 0.01 < sum(delay > 2.9 for delay in delays) / len(delays) < 0.1
    numbers = [int(event.sequence) for event in sent if event.sequence is not None and event.siteid == "BSL"]
    assert numbers != sorted(numbers)


def test_numbers_and_recording_times_grow_with_each_report_of_a_source(sent: list[Event]) -> None:
    numbered = {int(event.sequence): event for event in sent if event.sequence is not None and event.siteid == "BSL"}
    recorded = [event.recordedtime for _, event in sorted(numbered.items())]
    assert recorded == sorted(recorded, key=lambda at: at or recorded[0])  # pyright: ignore[reportArgumentType]


def test_nothing_is_told_before_it_happened() -> None:
    for day, event in events(calm(1)):
        assert event.time.date() <= day
