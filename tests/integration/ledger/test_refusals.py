"""What cannot be counted is kept with the reason, and never holds up what comes after it."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from alerting.alerts import REOPEN_WITHIN
from streams.lanes import Batch, Partition
from streams.ledger.agent import MOST_PASSED_OVER, LedgerAgent
from streams.ledger.processes import Told
from streams.ledger.standing import Clock
from streams.ledger.tables import lot, refused_event, stream_position
from streams.rulebooks.store import Part, put_in_force
from tests.integration.ledger.saying import booked, counted, iso, ordered, planned, received, said
from tests.oracle import stream
from tests.oracle.stream import DEFAULT_RULES, MONDAY, tick


def refusals(partition):
    return [(row["offset"], row["reason"], row["message"]) for row in partition.rows(refused_event)]


def with_text(event, before, after):
    """An event in which one text is written otherwise."""
    return msgspec.json.encode(event).replace(before, after)


LOOKALIKE = received("2", lot="L-2")

UNREADABLE = {
    "no value": (None, "empty"),
    "no JSON": (b"{", "not_json"),
    "no UTF-8": (with_text(LOOKALIKE, b"L-2", b"L-\xe9"), "not_json"),
    "half a surrogate pair": (with_text(LOOKALIKE, b"L-2", b"L-\\ud800"), "not_json"),
    "NUL": (with_text(LOOKALIKE, b"L-2", b"L-\\u0000"), "invalid_event"),
    "a type of no meaning": (said("batch.sneezed", "2", {}), "invalid_event"),
    "a number as a text": (received("2", lot="L-2", qty="10"), "invalid_event"),
    "more than there is": (received("2", lot="L-2", qty=1e15), "invalid_event"),
    "a number out of range": (with_text(received("2", qty=123456), b"123456", b"1e400"), "invalid_event"),
    "a day of no calendar": (received("2", lot="L-2", expiry_date="2026-02-30"), "impossible_value"),
    "a time of no calendar": (received("2", lot="L-2") | {"time": "2026-02-30T00:00:00Z"}, "invalid_event"),
    "a time without an offset": (received("2", lot="L-2") | {"time": "2026-02-03T00:00:00"}, "invalid_event"),
    "a time before computers": (received("2", lot="L-2") | {"time": "0001-01-01T00:00:00Z"}, "impossible_value"),
    "a recorded time that will never be": (
        received("2", lot="L-2", recordedtime="9999-12-31T23:59:59Z"), "impossible_value",
    ),
    "a planned time that will never be": (booked("2", planned_arrival="9999-12-31T23:59:59Z"), "impossible_value"),
    "a week of no calendar": (
        said("batch.capacity_reported", "2", {"line": "R1", "period": "2026-W54", "available_hours": 5}),
        "impossible_value",
    ),
    "a batch that gives a thousand times its size": (planned("2", yield_planned=1000), "invalid_event"),
    "kilograms of vials": (received("2", lot="L-2", material_code="VIAL-3"), "impossible_value"),
    "an unknown unit": (received("2", lot="L-2", uom="XYZ"), "impossible_value"),
}  # fmt: skip


@pytest.mark.parametrize("clock", Clock)
@pytest.mark.parametrize(("record", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_record_that_says_nothing_is_kept_with_the_reason_and_the_rest_of_the_batch_goes_on(
    site, record, reason, clock
):
    site = stream.Partition(site.engine, clock=clock)
    outcome = site.send(received("1"), record, received("3", lot="L-3"), tick(1, MONDAY))
    assert (outcome.refused, outcome.next_offset) == (1, 4)
    assert [(offset, why) for offset, why, _ in refusals(site)] == [(1, reason)]
    assert [row["lot"] for row in site.rows(lot)] == ["L-1", "L-3"]
    site.send(received("4", lot="L-4"), tick(2, MONDAY + timedelta(days=1)))
    assert len(site.rows(lot)) == 3


def test_the_refusal_of_a_unit_says_which_material_is_kept_in_what(partition):
    partition.send(received("1", material_code="VIAL-3"))
    ((_, _, message),) = refusals(partition)
    assert message == "VIAL-3 is kept in C62, and KGM cannot be converted into it"


def test_a_refused_correction_leaves_what_it_meant_to_correct(site):
    site.send(received("1"), received("2", lot="L-2", uom="LTR", corrects="1"))
    assert [row["lot"] for row in site.rows(lot)] == ["L-1"]


def test_the_value_of_a_refused_record_is_kept_as_it_came(partition):
    partition.send(b"\x00\xff{")
    assert partition.rows(refused_event)[0]["record"] == b"\x00\xff{"


def test_of_a_huge_refused_record_the_beginning_is_kept(site):
    site.send(b"x" * (3 << 20))
    assert len(site.rows(refused_event)[0]["record"]) == 1 << 20


@pytest.mark.parametrize("clock", Clock)
def test_the_last_day_of_the_calendar_means_that_no_day_is_known(site, clock):
    site = stream.Partition(site.engine, clock=clock)
    outcome = site.send(
        counted("1", expiry_date="9999-12-31"), ordered("2", due_date="9999-12-31"), tick(1, MONDAY)
    )  # as SAP writes it
    assert outcome.refused == 0


def uncountable(event_id):
    """More tonnes than an amount in millionths of a kilogram can say."""
    return received(event_id, lot=f"huge-{event_id}", qty=1e12, uom="TNE")


def agent_of(partition):
    with partition.engine.begin() as connection:
        put_in_force(connection, Part.LIVE, DEFAULT_RULES, "here", MONDAY)

    async def topic_id(topic):
        return "one"

    url = partition.engine.url.render_as_string(hide_password=False)
    told = Told(partition.network, REOPEN_WITHIN)
    return LedgerAgent(url, lambda: told, Clock.WALL, topic_id, lambda *committed: None)


def counted_by_an_agent(partition, events):
    """The events as one batch in the hands of an agent that has just been given the partition."""

    async def work():
        agent = agent_of(partition)
        origin = Partition("scrm.events.v1", 0)
        await agent.assigned(origin)
        await agent.handle(Batch("scrm.events.v1", 0, 0, partition.records(events)))

    asyncio.run(work())


def test_a_record_that_cannot_be_stored_is_found_and_refused_and_all_others_count(partition):
    before = [received(f"before-{n}", lot=f"L-{n}") for n in range(5)]
    counted_by_an_agent(partition, [*before, uncountable("1"), received("after", lot="L-9")])
    assert [(offset, why) for offset, why, _ in refusals(partition)] == [(5, "cannot_be_stored")]
    assert len(partition.rows(lot)) == 6
    (position,) = partition.rows(stream_position)
    assert (position["next_offset"], position["counted"], position["refused"]) == (7, 6, 1)
    partition.restart()
    partition.send(received("next", lot="L-10", hours=1))
    assert len(partition.rows(lot)) == 7


def test_where_one_record_after_the_other_cannot_be_stored_the_fault_is_not_theirs_and_the_stream_waits(site):
    with pytest.raises(OverflowError):
        counted_by_an_agent(site, [uncountable(str(n)) for n in range(MOST_PASSED_OVER + 2)])
    assert len(refusals(site)) == MOST_PASSED_OVER
    assert site.rows(stream_position)[0]["next_offset"] == MOST_PASSED_OVER


def test_readings_of_a_site_long_gone_do_no_harm(site):
    site.send(booked("1"), said("shipment.condition", "2", {"shipment_id": "S-1", "readings": []}))
    assert site.send(said("shipment.departed", "3", {"shipment_id": "S-1", "actual_departure": iso(0)})).refused == 0
