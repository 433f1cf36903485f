"""A backtest says what the service would have said: every verdict at every tick, every step of every alert."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, select

from alerting.book import AlertBook
from alerting.database import connect, reading
from alerting.tables import alert, alert_transition
from risk_rules.findings import Verdict
from streams import schema
from streams.backtest import outcomes, simulated
from streams.backtest.history import TICK_MARK, Step
from streams.backtest.living import Record, live
from streams.backtest.memory import memory
from streams.backtest.outcomes import PREFIX
from streams.cli.rulebook_files import resolved
from streams.events import decode
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.ledger.tables import ENTITIES, feed
from streams.network.model import Network
from streams.simulation.disruptions import all_seven
from tests.oracle.stream import DEFAULT_RULES

WEEKS = 10
PARTITIONS = 3
SERVICE_BATCH = 700
HELD = ("partition", "journal")
"""Columns that say how the ledger keeps a thing, not what is known of it."""

EVIDENCE = ("evidence", "cause")
TALLIED = ("material", "line")
"""Of these the ledger remembers the last eight events that moved their sums; which of several that came together are
remembered hangs on where a batch was cut, in the service too."""

Seen = dict[tuple[datetime, str, str], Verdict]


@pytest.fixture(scope="module")
def history() -> tuple[Network, list[bytes]]:
    world = simulated.world(3, WEEKS, all_seven())
    return world.state.network, [value for day in simulated.days(world) for value in day]


class Overheard:
    """Every verdict that reached a book of alerts, by its time and subject."""

    def __init__(self) -> None:
        self.seen: Seen = {}

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        observe = AlertBook.observe

        def overheard(book: AlertBook, verdicts: list[Verdict], at: datetime, *rest: Any) -> Any:
            heard = list(verdicts)
            self.seen |= {(at, verdict.subject.kind, verdict.subject.key): _said(verdict) for verdict in heard}
            return observe(book, heard, at, *rest)

        monkeypatch.setattr(AlertBook, "observe", overheard)


def _said(verdict: Verdict) -> Verdict:
    """The verdict; without its evidence where the subject has no journal of its own (`TALLIED`)."""
    return msgspec.structs.replace(verdict, events=()) if verdict.subject.kind in TALLIED else verdict


def told(engine: Engine) -> list[tuple[Any, ...]]:
    """Every step of every alert with what is known of the alert at the end; ids hang on the partition and are left out."""
    with reading(engine) as connection:
        columns = [c for c in alert.c if c.name not in ("id", "partition")]
        steps = [c for c in alert_transition.c if c.name != "alert_id"]
        rows = connection.execute(select(*columns, *steps).join(alert_transition)).mappings()
        return sorted(
            tuple(
                repr(value) for name, value in row.items() if row["subject_kind"] not in TALLIED or name not in EVIDENCE
            )
            for row in rows
            if not row["kind"].startswith(PREFIX)
        )


def entities(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the ledger as people read them."""
    with reading(engine) as connection:
        return {
            table.name: sorted(
                tuple(map(repr, row)) for row in connection.execute(select(*(c for c in table.c if c.name not in HELD)))
            )
            for table in (*ENTITIES.values(), feed)
        }


def as_in_service(engine: Engine, network: Network, history: list[bytes]) -> None:
    """The sites spread over partitions, small batches, each partition taken over by another worker half-way."""
    guides = Guides(lambda: network, lambda: DEFAULT_RULES, Clock.STREAM)
    lanes: list[list[bytes]] = [[] for _ in range(PARTITIONS)]
    sites = sorted(network.sites)
    for value in history:
        if TICK_MARK in value:
            for lane in lanes:
                lane.append(value)
        else:
            lanes[sites.index(decode(value).siteid) % PARTITIONS].append(value)
    for number, lane in enumerate(lanes):
        place = Place("scrm.events.v1", "live", number)
        for half in _halves(lane):
            ledger = PartitionLedger(engine, place, guides)
            begin = ledger.load() or 0
            for start in range(0, len(half), SERVICE_BATCH):
                some = half[start : start + SERVICE_BATCH]
                records = [Record(begin + start + n, value, 1_750_000_000_000) for n, value in enumerate(some)]
                ledger.apply(begin + start, records, datetime.now(UTC))


def _halves(lane: list[bytes]) -> Iterator[list[bytes]]:
    yield lane[: len(lane) // 2]
    yield lane[len(lane) // 2 :]


def steps(history: list[bytes]) -> list[Step]:
    return [Step(value, decode(value).time if TICK_MARK in value else None) for value in history]


def test_a_backtest_gives_the_verdicts_of_the_live_way_event_for_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, history: tuple[Network, list[bytes]]
) -> None:
    network, values = history
    live_way, backtest = Overheard(), Overheard()
    engine, beside = connect(f"sqlite:///{tmp_path / 'live.db'}"), memory()
    schema.upgrade(engine)
    with monkeypatch.context() as patch:
        live_way.listen(patch)
        as_in_service(engine, network, values)
    with monkeypatch.context() as patch:
        backtest.listen(patch)
        lived = live(steps(values), network, DEFAULT_RULES, beside)
    assert lived.refused == 0
    assert len(live_way.seen) > 300
    assert backtest.seen == live_way.seen
    assert told(beside) == told(engine)
    assert entities(beside) == entities(engine)
    engine.dispose()
    beside.dispose()


def test_the_outcomes_beside_the_rules_change_no_verdict_on_anything(
    monkeypatch: pytest.MonkeyPatch, history: tuple[Network, list[bytes]]
) -> None:
    network, values = history
    alone, beside = Overheard(), Overheard()
    for overheard, rules in (
        (alone, DEFAULT_RULES),
        (beside, outcomes.watched(resolved(["default"]), outcomes.load())),
    ):
        with monkeypatch.context() as patch:
            overheard.listen(patch)
            engine = memory()
            live(steps(values), network, rules, engine)
            engine.dispose()
    judged = {
        about: tuple(finding for finding in verdict.findings if not finding.rule.startswith(PREFIX))
        for about, verdict in beside.seen.items()
    }
    quiet = {about for about, findings in judged.items() if not findings and about not in alone.seen}
    assert {about: findings for about, findings in judged.items() if about not in quiet} == {
        about: verdict.findings for about, verdict in alone.seen.items()
    }


def test_the_length_of_the_batches_changes_nothing(history: tuple[Network, list[bytes]]) -> None:
    network, values = history
    found: list[Any] = []
    for at_a_time in (1_999, 50_000):
        engine = memory()
        live(steps(values), network, DEFAULT_RULES, engine, at_a_time=at_a_time)
        found.append((told(engine), entities(engine)))
        engine.dispose()
    assert found[0] == found[1]
