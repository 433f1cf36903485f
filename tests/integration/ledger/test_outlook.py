"""How likely a material runs out, by what became of its receipts so far; and who it hangs on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from alerting.tables import alert
from risk_rules import rulebook
from streams.ledger.aspects import ASPECTS
from streams.ledger.entity import Entity, Surroundings, unpack
from streams.ledger.journal import Journal
from streams.ledger.tables import ENTITIES
from tests.integration.ledger.saying import completed, counted, dispositioned, iso, planned, said, withdrawn
from tests.integration.ledger.test_partners import DAY, came, order
from tests.oracle.network import NETWORK
from tests.oracle.stream import MONDAY, Partition, emptied

LIKELY = rulebook.parse("""
rulebook: 1
rules:
  - id: likely-out
    subject: material
    kind: likely_out
    when: stockout_chance >= 0.5
    severity: watch
    likelihood: stockout_chance
    impact: 1
    impact_on: stockout_likely_on
    summary: "{material} runs out with a chance of {100 * stockout_chance:.0f} %"
""")


def outlook(partition: Partition, material: str, days: float) -> dict[str, Any]:
    """The outlook of a material, from the row that the database has of it."""
    row = partition.row(ENTITIES["material"], material)
    assert row is not None
    entity = Entity("material", row["key"], row["partner"], row["site"], Journal.blank())
    unpack(entity, row["journal"])
    now = MONDAY + timedelta(days=days)
    around = Surroundings(now, now.toordinal(), NETWORK, frozenset())
    return {name: aspect(entity, around) for name, aspect in ASPECTS["material"].items()}


def needed(event_id: str, **by_day: float) -> Any:
    forecast = [
        {"date": (MONDAY + timedelta(days=int(day[1:]))).date().isoformat(), "qty": qty} for day, qty in by_day.items()
    ]
    return said(
        "raw_material.requirement_reported", event_id, {"material_code": "API-1", "uom": "KGM", "forecast": forecast}
    )


def bought(partition: Partition, *late: int, supplier: str = "S-1") -> None:
    """Orders of the past, each received so many days after its promise four weeks on. Nothing of them is left."""
    for number, days in enumerate(late):
        code, ago = f"PO-{supplier}-{number}", -400 + 10 * number
        partition.send(order(f"o-{code}", code, ago, ago + 28, supplier), came(f"r-{code}", code, ago + 28 + days))
        partition.send(counted(f"c-{code}", lot=f"L-{code}", qty=0, hours=DAY * (ago + 29 + days)))


def waiting(partition: Partition) -> None:
    """Stock for three weeks, and an order that is due a few days before it is needed, usable five days after receipt."""
    partition.send(counted("stock", lot="L", qty=10), order("open", "PO-OPEN", 0, 12), needed("need", d7=8, d21=50))


def test_a_supplier_that_was_always_late_makes_a_stock_out_more_likely(partition: Partition) -> None:
    waiting(partition)
    unknown = outlook(partition, "API-1", 0)
    partition.restart()
    bought(partition, *[0] * 12)
    punctual = outlook(partition, "API-1", 0)
    assert 0 < punctual["stockout_chance"] < unknown["stockout_chance"] < 0.5
    bought(partition, *[20] * 60, supplier="S-2")
    partition.restart()
    late = outlook(partition, "API-1", 0)
    assert late["stockout_chance"] > 0.5
    assert (late["stockout_likely_in_days"], late["stockout_likely_on"].isoformat()) == (21, "2026-01-26")
    assert late["stockout_possible_in_days"] == 21
    assert (punctual["stockout_likely_in_days"], punctual["stockout_likely_on"]) == (None, None)


def test_the_chance_is_the_same_in_whatever_order_things_became_known(engine: Engine) -> None:
    first = Partition(engine)
    waiting(first)
    bought(first, 3, 0, 9)
    told = outlook(first, "API-1", 0)
    emptied(engine)
    second = Partition(engine)
    second.send(withdrawn("w", "late"), came("late", "PO-S-1-9", -100))
    bought(second, 3, 0, 9)
    waiting(second)
    assert outlook(second, "API-1", 0) == told


def test_enough_for_the_worst_case_is_no_risk(partition: Partition) -> None:
    partition.send(counted("1", qty=1000), needed("2", d7=8, d60=50))
    found = outlook(partition, "API-1", 0)
    assert (found["stockout_chance"], found["stockout_likely_in_days"], found["stockout_possible_in_days"]) == (
        0,
        None,
        None,
    )


def test_a_batch_in_doubt_is_counted_on_less(partition: Partition) -> None:
    partition.send(planned("1", planned_start=iso(0), planned_finish=iso(24)))
    need = {"material_code": "DS-4", "uom": "KGM", "forecast": [{"date": "2026-01-30", "qty": 40}]}
    partition.send(said("raw_material.requirement_reported", "3", need))
    sound = outlook(partition, "DS-4", 1)["stockout_chance"]
    result = {"batch_id": "B-1", "test": "assay", "result": "fail", "final": True}
    partition.send(said("batch.qc_result", "4", result, 30))
    assert outlook(partition, "DS-4", 1)["stockout_chance"] > sound + 0.2


def test_batches_that_were_never_released_teach_that_some_never_come(partition: Partition) -> None:
    for number in range(10):
        batch = f"B-{number}"
        partition.send(planned(f"p{number}", batch=batch, planned_start=iso(0), planned_finish=iso(240)))
        decision = "rejected" if number < 5 else "released"
        partition.send(completed(f"c{number}", batch=batch, hours=240))
        partition.send(dispositioned(f"d{number}", decision, batch=batch, hours=480))
    partition.restart()
    partition.send(planned("next", batch="B-X", planned_start=iso(480), planned_finish=iso(500)))
    lots = [counted(f"z{number}", lot=f"B-{number}", qty=0, hours=481, material_code="DS-4") for number in range(5, 10)]
    need = {"material_code": "DS-4", "uom": "KGM", "forecast": [{"date": "2026-03-20", "qty": 40}]}
    partition.send(*lots, said("raw_material.requirement_reported", "n", need, 481))
    assert outlook(partition, "DS-4", 21)["stockout_possible_in_days"] == 53


def test_who_a_material_hangs_on_is_seen_from_what_came_and_until_then_from_the_network(partition: Partition) -> None:
    partition.send(counted("1", qty=10))
    stated = outlook(partition, "API-1", 0)
    assert (stated["sources"], stated["single_source"], stated["greatest_source"]) == (1, True, "S-1")
    bought(partition, 0, 0, 0, supplier="S-2")
    bought(partition, 0, supplier="S-3")
    found = outlook(partition, "API-1", -300)
    assert (found["sources"], found["single_source"], found["greatest_source"]) == (2, False, "S-2")
    assert (found["greatest_source_share"], found["herfindahl"]) == (0.75, 0.625)
    assert (found["learned_lead_days"], found["learned_lead_p90_days"]) == (28, 28)


def test_a_rule_may_ask_for_the_chance(engine: Engine) -> None:
    judged = Partition(engine, rules=LIKELY)
    waiting(judged)
    assert judged.rows(alert) == []
    bought(judged, *[20] * 60)
    (found,) = (row for row in judged.rows(alert) if row["state"] == "open")
    assert found["impact_on"].isoformat() == "2026-01-26"


@pytest.mark.parametrize("late", [0, 5])
def test_a_receipt_that_is_late_already_has_used_up_some_of_its_slip(partition: Partition, late: int) -> None:
    bought(partition, *[5] * 100)
    partition.send(counted("1", qty=10), order("2", "PO-OPEN", 0, 12), needed("3", d20=50))
    promised = (MONDAY + timedelta(days=12 + late)).date().isoformat()
    data = {"po_no": "PO-OPEN", "material_code": "API-1", "confirmed_date": promised}
    partition.send(said("raw_material.order_confirmed", "4", data))
    assert outlook(partition, "API-1", 0)["stockout_chance"] > 0.5
