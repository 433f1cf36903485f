"""The chance of a late delivery: known rates are found, few cases are doubted, old ones fade, and the parts add up."""

import copy
import math
import random
from collections.abc import Iterator

import msgspec
import pytest

from risk_rules.methods import lateness_state
from risk_rules.methods.lateness import GENERAL, ORDER_SIZE, learn, predict
from risk_rules.methods.lateness_case import Delivery, Design
from risk_rules.methods.lateness_state import LatenessState
from risk_rules.methods.log_odds import expit
from risk_rules.methods.reliability import auc, calibration_error, reliability

DESIGN = Design(("supplier", "mode"), (("supplier", "mode"),), ("quantity",))
RATES = {"prompt": 0.02, "usual": 0.2, "slow": 0.6}


def delivery(supplier: str = "usual", mode: str = "air", quantity: float = 0.0, together: int = 1) -> Delivery:
    return Delivery({"supplier": supplier, "mode": mode}, {"quantity": quantity}, together)


def days(first: int, last: int, a_day: int = 4, seed: int = 7) -> Iterator[tuple[int, list[tuple[Delivery, bool]]]]:
    """Deliveries of three suppliers, of which each is late as often as `RATES` says."""
    luck = random.Random(seed)
    for day in range(first, last):
        suppliers = [luck.choice(list(RATES)) for _ in range(a_day)]
        yield (
            day,
            [
                (delivery(supplier, luck.choice(["air", "sea"])), luck.random() < RATES[supplier])
                for supplier in suppliers
            ],
        )


def learned(last: int = 400) -> LatenessState:
    state = LatenessState.empty(DESIGN)
    for day, outcomes in days(0, last):
        learn(DESIGN, state, day, outcomes)
    return state


def chance(state: LatenessState, asked: Delivery, day: int = 400) -> float:
    return predict(DESIGN, state, asked, day).chance


def foretold(first: int, last: int) -> list[tuple[str, float, bool]]:
    """Supplier, chance and outcome of each delivery from the day `first` on, each predicted before its day was learned."""
    state, told = LatenessState.empty(DESIGN), list[tuple[str, float, bool]]()
    for day, outcomes in days(0, last):
        if day >= first:
            told += [(asked.facts["supplier"], chance(state, asked, day), late) for asked, late in outcomes]
        learn(DESIGN, state, day, outcomes)
    return told


@pytest.mark.parametrize("supplier", list(RATES))
def test_a_suppliers_rate_is_found(supplier: str) -> None:
    """On the mean of days: on a single one the fast part follows the luck of the last weeks."""
    chances = [said for of, said, _ in foretold(300, 600) if of == supplier]
    assert sum(chances) / len(chances) == pytest.approx(RATES[supplier], abs=0.06)


def test_what_is_late_only_together_is_found() -> None:
    state, luck = LatenessState.empty(DESIGN), random.Random(3)
    pairs = [("a", "air"), ("a", "sea"), ("b", "air"), ("b", "sea")]
    for day in range(400):
        outcomes = [(delivery(*pair), luck.random() < (0.8 if pair in pairs[1:3] else 0.03)) for pair in pairs]
        learn(DESIGN, state, day, outcomes)
    chances = [chance(state, delivery(*pair)) for pair in pairs]
    assert 3 * max(chances[0], chances[3]) < min(chances[1:3])
    assert min(chances[1:3]) > 0.5


def test_a_supplier_that_was_late_once_is_not_thought_to_be_always_late() -> None:
    state = learned()
    before = chance(state, delivery("new"))
    learn(DESIGN, state, 400, [(delivery("new"), True)])
    once = chance(state, delivery("new"), 401)
    for day in range(401, 411):
        learn(DESIGN, state, day, [(delivery("new"), True)])
    often = chance(state, delivery("new"), 411)
    assert before < once < 0.6
    assert often > once + 0.15


def test_a_supplier_of_whom_nothing_is_known_lies_among_those_that_are_known() -> None:
    state = learned()
    assert 2 * chance(state, delivery("prompt")) < chance(state, delivery("new")) < chance(state, delivery("slow")) / 2


def test_before_anything_is_known_about_one_in_twenty_is_late() -> None:
    assert chance(LatenessState.empty(DESIGN), delivery(), 0) == pytest.approx(0.07, abs=0.04)


def test_what_was_learned_fades_when_nothing_is_heard_for_years() -> None:
    state = learned()
    later = [chance(state, delivery("slow"), day) for day in (400, 500, 1000, 5000)]
    assert later == sorted(later, reverse=True)
    assert later[-1] < 0.5 * later[0]


def test_ten_lines_of_one_order_count_less_than_ten_orders() -> None:
    one, ten = learned(), learned()
    learn(DESIGN, one, 400, [(delivery("new", together=10), True)] * 10)
    learn(DESIGN, ten, 400, [(delivery("new"), True)] * 10)
    assert chance(one, delivery("new"), 401) < chance(ten, delivery("new"), 401)


def test_a_number_that_matters_is_seen_to_matter() -> None:
    state, luck = LatenessState.empty(DESIGN), random.Random(5)
    for day in range(400):
        large = luck.choice([-1.0, 1.0])
        learn(DESIGN, state, day, [(delivery(quantity=large), luck.random() < (0.5 if large > 0 else 0.05))])
    asked = predict(DESIGN, state, delivery(quantity=1.0), 400)
    assert asked.chance > 2 * chance(state, delivery(quantity=-1.0))
    assert asked.parts["quantity"] > 0.3


def test_the_parts_add_up_to_the_log_odds_and_name_the_culprit() -> None:
    asked = predict(DESIGN, learned(), delivery("slow", quantity=0.5, together=3), 400)
    assert set(asked.parts) == {GENERAL, "supplier", "mode", "supplier*mode", ORDER_SIZE, "quantity"}
    assert math.fsum(asked.parts.values()) == pytest.approx(asked.log_odds, abs=1e-9)
    assert asked.chance == pytest.approx(1 / (1 + math.exp(-asked.log_odds)))
    assert max(set(asked.parts) - {GENERAL}, key=asked.parts.__getitem__) == "supplier"


def test_a_fact_that_is_missing_takes_no_part() -> None:
    asked = predict(DESIGN, learned(), Delivery({"mode": "air"}), 400)
    assert asked.parts["supplier"] == asked.parts["supplier*mode"] == 0
    assert 0.1 < asked.chance < 0.5


def test_chances_come_true_as_often_as_they_say_while_suppliers_get_better_and_worse() -> None:
    """Twelve suppliers whose lateness wanders, by a factor of about three in odds, over some months."""
    state, luck = LatenessState.empty(DESIGN), random.Random(11)
    effects = {f"supplier {number}": 0.0 for number in range(12)}
    said, came = list[float](), list[bool]()
    for day in range(900):
        for name in effects:
            effects[name] = effects[name] * 0.99 + luck.gauss(0, 0.14)
        outcomes = [(delivery(name), luck.random() < expit(effect - 1.5)) for name, effect in effects.items()]
        if day >= 200:
            said += [chance(state, asked, day) for asked, _ in outcomes]
            came += [late for _, late in outcomes]
        learn(DESIGN, state, day, outcomes)
    bins = reliability(said, came)
    assert calibration_error(bins) < 0.03
    assert all(abs(bin.predicted - bin.came_true) < 0.05 for bin in bins if bin.cases >= 200)
    assert auc(said, came) > 0.65


def test_a_prediction_changes_nothing() -> None:
    state = learned(50)
    before = copy.deepcopy(state)
    chance(state, delivery("slow"), 60)
    assert state == before


def test_a_state_that_was_stored_goes_on_bit_for_bit() -> None:
    state = learned(50)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=LatenessState)
    assert stored == state
    for day, outcomes in days(50, 80, seed=8):
        for one in (state, stored):
            learn(DESIGN, one, day, outcomes)
        assert [chance(stored, asked, day + 1) for asked, _ in outcomes] == [
            chance(state, asked, day + 1) for asked, _ in outcomes
        ]


def test_outcomes_of_one_day_do_not_foretell_each_other() -> None:
    """The regression must not learn to trust a trace that has just been moved by the same order."""
    together = LatenessState.empty(DESIGN)
    learn(DESIGN, together, 0, [(delivery("new", together=5), True)] * 5)
    first = LatenessState.empty(DESIGN)
    learn(DESIGN, first, 0, [(delivery("new", together=5), True)])
    rates = [
        weight - usual for weight, usual in zip(together.regression.weights, first.regression.weights, strict=True)
    ]
    assert rates[lateness_state.RATES] == 0


def test_the_state_stays_within_its_bound_and_keeps_what_was_seen_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness_state, "MOST_KEYS", 30)
    monkeypatch.setattr(lateness_state, "FORGOTTEN", 10)
    state = LatenessState.empty(DESIGN)
    for day in range(100):
        learn(DESIGN, state, day, [(delivery(f"supplier {day}"), False)])
        assert len(state.traces) <= 30
    assert "supplier=supplier 99" in state.traces
    assert "supplier=supplier 3" not in state.traces


def test_a_state_of_another_design_is_refused() -> None:
    with pytest.raises(ValueError, match="learn it anew"):
        predict(Design(("supplier",)), learned(5), delivery(), 5)


def test_what_is_no_number_is_refused_before_it_is_learned() -> None:
    state = learned(5)
    before = copy.deepcopy(state)
    with pytest.raises(ValueError, match="nan"):
        learn(DESIGN, state, 5, [(delivery(), True), (delivery(quantity=math.nan), True)])
    assert state == before
    with pytest.raises(ValueError, match="at least 1"):
        delivery(together=0)
