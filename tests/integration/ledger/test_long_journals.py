"""Entities of which more is told than a journal remembers."""

import pytest

from streams.ledger.journal import MEMORY
from streams.ledger.tables import batch, lot
from tests.integration.ledger.saying import (
    completed,
    consumed,
    counted,
    deviation,
    dispositioned,
    iso,
    opened,
    planned,
    received,
    said,
    withdrawn,
)

MANY = 3 * MEMORY


def steps(hours=1.0):
    """More steps of a batch than its journal remembers, a minute apart."""
    return [
        said("batch.step_completed", f"step-{n}", {"batch_id": "B-1", "step": str(n)}, hours + n / 60)
        for n in range(MANY)
    ]


def open_critical(site):
    return site.row(batch, "B-1")["open_critical"]


def test_a_lot_drawn_on_often_comes_to_the_same_in_one_batch_in_many_and_backwards(site):
    draws = [consumed(str(n), qty=1, hours=n / 10) for n in range(MANY)]
    site.send(*draws)
    for number, draw in enumerate(reversed(draws)):
        moved = draw | {"id": f"back-{number}", "data": draw["data"] | {"internal_lot": "L-2"}}
        site.send(moved)
    assert site.row(lot, "API-1/L-1")["qty"] == site.row(lot, "API-1/L-2")["qty"] == -MANY
    assert site.row(lot, "API-1/L-1")["events"] == MANY


def test_of_a_lot_drawn_on_often_the_newest_draws_can_be_withdrawn_after_a_restart(site):
    site.send(received("0", qty=1000), *(consumed(str(n), qty=1, hours=n) for n in range(1, MANY)))
    site.restart()
    site.send(withdrawn("w", str(MANY - 1)))
    assert site.row(lot, "API-1/L-1")["qty"] == 1000 - MANY + 2


def test_a_late_count_older_than_all_that_is_remembered_changes_nothing(site):
    site.send(counted("0", qty=1000), *(consumed(str(n), qty=1, hours=n) for n in range(1, MANY)))
    site.send(counted("late", qty=5, hours=0.5))
    assert site.row(lot, "API-1/L-1")["qty"] == 1000 - MANY + 1


def test_a_deviation_older_than_all_that_is_remembered_of_its_batch_can_still_be_closed(site):
    site.send(planned("1"), opened("2", "B-1"), *steps())
    assert open_critical(site) == 1
    site.send(deviation("3", "closed", 50, closed_at=iso(50)))
    assert open_critical(site) == 0


def test_a_deviation_opened_late_on_a_batch_of_many_steps_stands_and_can_be_closed_late(site):
    site.send(planned("1"), *steps())
    site.send(opened("2", "B-1"))
    assert open_critical(site) == 1
    site.send(deviation("3", "closed", 0.5, closed_at=iso(0.5)))
    assert open_critical(site) == 0


def test_a_decision_on_a_lot_drawn_on_often_does_not_count_its_yield_again(site):
    draws = [consumed(str(n), lot="B-1", material_code="DS-4", qty=0.1, hours=401 + n) for n in range(MANY)]
    site.send(planned("b-1"), completed("b-2"), dispositioned("b-3", "released"), *draws)
    site.send(dispositioned("b-4", "released", hours=402, by="sponsor"))
    assert site.row(lot, "DS-4/B-1")["qty"] == pytest.approx(48 - MANY / 10)
    assert site.row(lot, "DS-4/B-1")["status"] == "released"


def test_a_yield_corrected_after_many_draws_moves_by_the_difference(site):
    draws = [consumed(str(n), lot="B-1", material_code="DS-4", qty=0.1, hours=401 + n) for n in range(MANY)]
    site.send(planned("b-1"), completed("b-2"), *draws)
    site.send(completed("b-3", yield_actual=50) | {"corrects": "b-2"})
    assert site.row(lot, "DS-4/B-1")["qty"] == pytest.approx(50 - MANY / 10)


def test_a_deviation_withdrawn_after_many_steps_stands_no_more(site):
    site.send(planned("1"), opened("2", "B-1"), *steps())
    site.send(withdrawn("3", "2"))
    assert open_critical(site) == 0
