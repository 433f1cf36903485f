"""What is not asked about, because nothing can have changed, would have been answered as before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from alerting.book import AlertBook
from alerting.tables import alert, alert_transition
from risk_rules import rulebook
from risk_rules.rulebook import Rulebook
from streams.ledger import evaluation
from streams.ledger.standing import Clock
from streams.ledger.tables import ENTITIES, rule_memory, verdict
from streams.network.model import Demand, Network
from tests.integration.ledger.saying import after, iso, said
from tests.oracle.network import NETWORK, SITE
from tests.oracle.stream import DEFAULT_RULES, Json, Partition, database, emptied, tick

quickly = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)

OF_TIME = {
    "shipment": ("days_overdue > 0", "days_overdue >= 1.5", "coalesce(demand_days, 0) > 0.001", "products_touched > 0"),
    "batch": (
        "start_delay_days > 0", "finish_delay_days >= 2.25", "release_overdue_days > 0", "days_in_release > 2",
        "days_to_planned_finish < 3", "coalesce(demand_days, 0) > 0.001", "silent",
    ),
    "material": ("shortage_in_days <= 20", "days_of_supply < 3", "below_safety_in_days < 30"),
    "line": ("days_to_overload <= 14", "planned_hours_4w > 100"),
    "deviation": ("overdue_days > 1", "age_days > 9"),
    "capa": ("days_to_due < 2",),
}  # fmt: skip
LASTING = ("", ", for: {hours: 30}", ", for: {evaluations: 3}", ", dwell: {days: 2}")


def _network(release_days: float, ends: str) -> Network:
    """The small network with a demand that ends and goes on at another rate."""
    demand = (
        Demand(material="DP-5", site=SITE, per_week=700, last_day=ends),
        Demand(material="DP-5", site=SITE, per_week=50, first_day="2026-01-21"),
    )
    routes = {key: msgspec.structs.replace(route, release_days=release_days) for key, route in NETWORK.routes.items()}
    return msgspec.structs.replace(NETWORK, version=f"{release_days}", demand={(SITE, "DP-5"): demand}, routes=routes)


NETWORKS = (_network(10, "2026-01-20"), _network(2.5, "2026-01-08"))


def rulebook_of(chance: Random) -> Rulebook:
    """The one that ships, or some rules that hang on the time, each in its own way."""
    if chance.random() < 0.25:
        return DEFAULT_RULES
    rules = "".join(
        f'\n  - {{id: "{kind}-{n}", subject: {kind}, kind: k{n}, when: "{when}", severity: watch, score: 10, '
        f'summary: "{{partner}}"{chance.choice(LASTING)}}}'
        for kind, conditions in OF_TIME.items()
        for n, when in enumerate(chance.sample(conditions, chance.randint(1, min(2, len(conditions)))))
    )
    return rulebook.parse(f"rulebook: 1\nrules:{rules}\n")


class Hour(NamedTuple):
    """What comes at a time, before the clock comes to it: events, perhaps another network, another worker."""

    at: datetime
    events: Sequence[Json]
    network: int
    restarts: bool


def _plans(chance: Random, hour: float) -> Iterator[tuple[str, Json]]:
    """What is planned for the next weeks: some of it soon, some at odd times."""

    def soon(after: float = 0.0) -> str:
        return iso(hour + after + chance.choice((-30.0, -0.001, 3.0, 12.0, 30.5, 100.0, 250.000001, 400.0)))

    line = {"material_code": "API-1", "qty": chance.randint(1, 90), "uom": "KGM"}
    yield "shipment.booked", {"shipment_id": f"S-{chance.randint(1, 5)}", "lines": [line], "planned_arrival": soon()}
    plan = {"batch_id": f"B-{chance.randint(1, 5)}", "planned_start": soon(), "planned_finish": soon(60)}
    made = {"product_code": "AMLO", "stage": chance.choice(("DS", "DP")), "line": "R1", "size": 50, "uom": "KGM"}
    yield "batch.planned", plan | made
    yield "batch.rescheduled", plan
    days = {"class": chance.choice(("minor", "critical")), "opened_at": iso(hour), "due_date": soon()}
    yield "deviation.opened", {"deviation_id": "D-1", "batch_ids": [plan["batch_id"]]} | days
    yield "deviation.capa_opened", {"deviation_id": "D-1", "capa_id": "C-1", "due_date": soon()}
    needs = [{"date": soon(24 * n)[:10], "qty": 20 * n} for n in range(5)]
    yield "raw_material.requirement_reported", {"material_code": "API-1", "uom": "KGM", "forecast": needs}
    yield "raw_material.order_placed", {"po_no": "PO-1", "due_date": soon()[:10], **line}


def _happenings(chance: Random, hour: float) -> Iterator[tuple[str, Json]]:
    """What becomes of it."""
    shipment, batch = {"shipment_id": f"S-{chance.randint(1, 5)}"}, {"batch_id": f"B-{chance.randint(1, 5)}"}
    yield "shipment.eta_changed", {**shipment, "estimated_arrival": iso(hour + chance.randint(-20, 200))}
    yield "shipment.arrived", {**shipment, "actual_arrival": iso(hour)}
    yield "shipment.received", {**shipment, "received_at": iso(hour)}
    yield "batch.started", {**batch, "actual_start": iso(hour)}
    yield "batch.completed", {**batch, "actual_finish": iso(hour), "yield_actual": 40, "uom": "KGM"}
    yield "batch.qc_result", {**batch, "test": "assay", "result": chance.choice(("pass", "fail"))}
    decision = {"qa_disposition": "released", "disposition_date": iso(hour), "decided_by": "cdmo"}
    yield "batch.dispositioned", {**batch, **decision}
    yield "deviation.closed", {"deviation_id": "D-1", "closed_at": iso(hour)}
    stock = {"material_code": "API-1", "uom": "KGM", "internal_lot": "L-1", "status": "released"}
    yield "raw_material.stock_reported", {**stock, "qty_on_hand": chance.randint(0, 200)}


def course(chance: Random) -> Iterator[Hour]:
    """Some weeks of a site, hour by hour, with clocks that go evenly or do not."""
    hour, network, steps = 0.0, 0, chance.choice(((6.0,), (24.0,), (1.0, 2.9, 6.0, 11.3, 24.0, 40.0)))
    for number in range(40):
        hour += chance.choice(steps)
        told = [*_plans(chance, hour)] if number < 4 or chance.random() < 0.1 else []
        told += chance.sample([*_happenings(chance, hour)], chance.choice((0, 0, 0, 1, 2)))
        chance.shuffle(told)
        events = [said(kind, f"{number}-{n}", data, hour - 0.5) for n, (kind, data) in enumerate(told)]
        network = 1 - network if chance.random() < 0.06 else network
        yield Hour(after(hour), events, network, chance.random() < 0.06)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("vain")
    engine = database(f"sqlite:///{folder / 'ledger.db'}")
    yield engine
    engine.dispose()


def _at_any_time(kind: str, features: Iterable[str]) -> None:
    """As if nothing were known of when features change."""


def lived(engine: Engine, hours: Sequence[Hour], rules: Rulebook, clock: Clock, *, always: bool) -> list[Any]:
    """All that reached a book of alerts, and the tables at the end. `always`: everybody is asked at each boundary."""
    emptied(engine)
    heard: list[Any] = []
    observe = AlertBook.observe

    def overheard(book: AlertBook, verdicts: list[Any], at: datetime, *rest: Any) -> Any:
        heard.append((at, verdicts))
        return observe(book, verdicts, at, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AlertBook, "observe", overheard)
        if always:
            patch.setattr(evaluation, "turns_of", _at_any_time)
        site = Partition(engine, rules=rules, clock=clock)
        for number, hour in enumerate(hours):
            site.now, site.network = hour.at, NETWORKS[hour.network]
            if hour.restarts:
                site.restart()
            site.send(*hour.events, *([tick(number, hour.at)] if clock is Clock.STREAM else []))
            site.ledger.pass_time(hour.at)
    return [heard, *(site.rows(table) for table in (verdict, alert, alert_transition, rule_memory, *ENTITIES.values()))]


@settings(quickly, max_examples=16)
@given(seed=st.integers(0, 10**9), clock=st.sampled_from(Clock))
def test_verdicts_alerts_and_rows_are_those_of_asking_about_everything_all_the_time(
    engine: Engine, seed: int, clock: Clock
) -> None:
    hours, rules = [*course(Random(seed))], rulebook_of(Random(seed))
    assert lived(engine, hours, rules, clock, always=False) == lived(engine, hours, rules, clock, always=True)
