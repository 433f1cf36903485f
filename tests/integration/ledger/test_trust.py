"""A feed that breaks has one alert that says what is wrong, and nothing is known of what rests on it until it is mended."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from alerting.tables import alert
from risk_rules import rulebook
from risk_rules.findings import Severity
from streams.intake.tables import intake_gate
from streams.ledger.standing import Clock
from streams.ledger.tables import verdict
from streams.ledger.trust.tables import feed_day, feed_watch
from tests.integration.ledger.saying import after, booked, counted, iso, planned
from tests.oracle.stream import Json, Partition, emptied, tick

DAY = 24.0
LEARNED = range(28)
"""Days: four weeks, in which the site speaks each working day every two hours from eight to eight."""

WEDNESDAY = range(28, 31)
"""It speaks until eight in the evening of the Wednesday of the fifth week."""

LAST_WORD = 30 * DAY + 12
FRIDAY = 32 * DAY
"""Eight in the morning, in hours after the first Monday at eight."""

UNKNOWN = """
  - id: {kind}-unknown
    subject: {kind}
    kind: unknown
    when: silent
    severity: watch
    score: 10
    summary: "Of this {kind} nothing is known"
"""
KINDS = ("shipment", "material", "lot", "batch", "line")
ON_UNKNOWN = rulebook.parse("rulebook: 1\nrules:" + "".join(UNKNOWN.format(kind=kind) for kind in (*KINDS, "feed")))


def works(day: int) -> bool:
    return after(DAY * day).weekday() < 5


def spoken(days: Iterable[int], *, ahead: float = 0, quiet: int = 0) -> Iterator[Json]:
    """What the site counts on these days, numbered; its clock is so many hours ahead. So many working days before were quiet."""
    for day in filter(works, days):
        first = 7 * (sum(map(works, range(day))) - quiet)
        for number in range(7):
            hour = DAY * day + 2 * number
            written = {"recordedtime": iso(hour + ahead)} if ahead else {}
            yield counted(f"c{first + number}", qty=500, hours=hour, sequence=str(first + number), **written)


def hear(site: Partition, said: Iterable[Json]) -> None:
    """One batch of what came as it happened."""
    events = list(said)
    if events:
        records = site.records(events)
        stamps = [round(1000 * (after(0).fromisoformat(event["time"])).timestamp()) for event in events]
        records = [replace(record, timestamp=stamp) for record, stamp in zip(records, stamps, strict=True)]
        site.now = after(0).fromisoformat(events[-1]["time"])
        site.next_offset = site.ledger.apply(site.next_offset, records, site.now).next_offset


def pass_time(site: Partition, hours: float) -> None:
    site.now = after(hours)
    site.ledger.pass_time(site.now)


def untrusted(site: Partition) -> list[dict[str, Any]]:
    return [row for row in site.rows(alert) if row["subject_kind"] == "feed"]


def unknown(site: Partition) -> set[str]:
    """Of what kinds of subjects rules say that nothing is known of them."""
    return {row["subject_kind"] for row in site.rows(verdict) if row["kind"] == "unknown"}


def known_things(site: Partition) -> None:
    """A shipment, a lot and its material, and a batch on its line, of which nothing more comes."""
    site.send(booked("b1", arrival=1000), planned("p1"), counted("l9", material_code="EXC-2", lot="L-9"))


def test_a_silent_feed_has_one_alert_which_says_what_is_wrong_since_when_and_what_to_do(partition: Partition) -> None:
    hear(partition, spoken((*LEARNED, *WEDNESDAY)))
    pass_time(partition, FRIDAY + 6)
    assert untrusted(partition) == []
    pass_time(partition, FRIDAY + 8)  # 21 hours from eight to nine, 1.75 times its rhythm
    (late,) = untrusted(partition)
    assert (late["kind"], late["state"], late["severity"]) == ("untrusted", "open", Severity.WATCH)
    assert late["summary"].startswith(
        "Nothing came from BSL (acme) for 22 of its hours, since 04 Feb 20:00; its longest usual quiet is 12. Trust "
    )
    assert late["advice"].startswith("Ask acme whether its feed runs.")
    pass_time(partition, 35 * DAY)  # Monday: after 48 hours of working days the feed counts as silent
    (silent,) = untrusted(partition)
    assert (silent["id"], silent["state"]) == (late["id"], "open")
    assert "it should not be silent for more than 48" in silent["summary"]
    assert "Trust no green light of BSL" in silent["advice"]
    hear(partition, spoken([36], quiet=3))
    assert [row["state"] for row in untrusted(partition)] == ["resolved"]


def test_over_weekends_there_is_no_alert(site: Partition) -> None:
    for week in range(8):
        hear(site, spoken(range(7 * week, 7 * week + 7)))
        for hours in range(0, 60, 3):
            pass_time(site, 7 * DAY * week + 5 * DAY + hours)
    assert untrusted(site) == []
    assert {row["trust"] for row in site.rows(feed_day)} == {100}


def a_silence(site: Partition, *, restarts: bool) -> dict[str, list[Any]]:
    """What a feed that falls silent and speaks again leaves behind."""
    for batch in (range(10), range(10, 21), range(21, 28), *([day] for day in WEDNESDAY)):
        hear(site, spoken(batch))
        if restarts:
            site.restart()
    for hours in range(14, 116, 6):
        pass_time(site, LAST_WORD + hours)
        if restarts:
            site.restart()
    hear(site, spoken([35], quiet=2))
    columns = ("kind", "state", "severity", "opened_at", "resolved_at", "summary")
    alerts = [[row[name] for name in columns] for row in untrusted(site)]
    return {"alerts": alerts, "watch": site.rows(feed_watch), "days": site.rows(feed_day)}


def test_a_restart_in_between_changes_nothing(engine: Engine) -> None:
    at_once = a_silence(Partition(engine), restarts=False)
    emptied(engine)
    assert a_silence(Partition(engine), restarts=True) == at_once
    ((_, state, *_),) = at_once["alerts"]
    assert state == "resolved"
    assert min(row["trust"] for row in at_once["days"]) < 100


def test_its_days_are_kept_with_what_each_lacked(site: Partition) -> None:
    hear(site, spoken((*LEARNED, *WEDNESDAY)))
    for hours in range(0, 24 * 9, 6):
        pass_time(site, LAST_WORD + hours)
    by_day = {row["day"].isoformat(): row for row in site.rows(feed_day)}
    trusts = [by_day[f"2026-02-{day:02}"]["trust"] for day in (4, 6, 9, 10, 11)]
    assert trusts[0] == 100
    assert trusts == sorted(trusts, reverse=True)
    assert trusts[-1] < 50
    assert by_day["2026-02-11"]["lost"].keys() == {"freshness"}


@pytest.mark.parametrize("restarts", [False, True])
def test_nothing_is_known_of_what_rests_on_a_feed_with_a_wrong_clock_until_it_is_right(
    sqlite_tables: Engine, restarts: bool
) -> None:
    emptied(sqlite_tables)
    site = Partition(sqlite_tables, rules=ON_UNKNOWN)
    known_things(site)
    hear(site, spoken(LEARNED))
    pass_time(site, 27 * DAY)
    assert unknown(site) == set()
    hear(site, spoken([28], ahead=5))
    if restarts:
        site.restart()
    pass_time(site, 28 * DAY + 12 + 7)  # time alone asks open subjects every six hours
    assert unknown(site) == {*KINDS, "feed"}
    lots = {row["subject_key"] for row in site.rows(verdict) if row["subject_kind"] == "lot"}
    assert lots == {"BSL/API-1/L-1", "BSL/EXC-2/L-9"}
    hear(site, spoken([29]))
    pass_time(site, 29 * DAY + 12 + 7)
    assert unknown(site) == set()


def test_a_subject_that_waits_for_its_turn_is_asked_when_its_feed_breaks(site: Partition) -> None:
    """What shipments are late by is known days ahead, so they are not asked before; but a feed breaks at any time."""
    site.rules = ON_UNKNOWN
    known_things(site)
    pass_time(site, 49)  # nothing more came: after 48 hours of one that has no rhythm yet it is silent
    pass_time(site, 49 + 7)
    assert {"shipment", "material", "batch"} <= unknown(site)


def test_what_comes_with_the_break_is_judged_by_it(site: Partition) -> None:
    site.rules = ON_UNKNOWN
    hear(site, spoken(LEARNED))
    hear(site, spoken([28], ahead=5))
    assert {"lot", "feed"} <= unknown(site)


def test_in_a_replay_silence_is_found_by_the_ticks(engine: Engine) -> None:
    site = Partition(engine, clock=Clock.STREAM)
    said = list(spoken((*LEARNED, *WEDNESDAY)))
    ticks = [tick(hour, after(hour)) for hour in range(0, int(FRIDAY + 30), 6)]
    site.send(*sorted([*said, *ticks], key=lambda event: event["time"]))
    (found,) = untrusted(site)
    assert (found["state"], found["opened_at"]) == ("open", after(FRIDAY + 12))


def test_a_repeat_tells_nothing_of_a_feed(site: Partition) -> None:
    hear(site, spoken(LEARNED))
    before = site.rows(feed_watch)
    hear(site, spoken(LEARNED))
    assert site.rows(feed_watch) == before


def test_a_feed_is_looked_at_when_much_of_it_was_refused_and_when_it_is_mended_though_nothing_comes(
    site: Partition,
) -> None:
    hear(site, spoken((*LEARNED, 28)))
    last = 28 * DAY + 12
    for minutes, refused, state in ((2, 1000, "open"), (4, 0, "resolved")):
        with site.engine.begin() as connection:
            connection.execute(intake_gate.delete())
            recent = ((1 << refused) - 1).to_bytes(125)
            connection.execute(insert(intake_gate).values(partner="acme", consecutive=refused, recent=recent))
        pass_time(site, last + minutes / 60)
        assert [row["state"] for row in untrusted(site)] == [state]
