"""The simulated world obeys physics, and without disruptions it is calm."""

from collections.abc import Callable
from hashlib import sha256
from itertools import islice

import pytest

from streams.simulation.disruptions import all_seven
from streams.simulation.world import WARM_UP_DAYS, World
from tests.unit.simulation.lived import START, Life, calm, disturbed, network


def fingerprint(seed: int, days: int = 40) -> str:
    digest = sha256()
    for day in islice(World(network, seed, START, disruptions=all_seven()).days(), days):
        digest.update(repr(day).encode())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert fingerprint(7) == fingerprint(7)


def test_another_seed_gives_another_world() -> None:
    assert fingerprint(7) != fingerprint(8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_undisturbed_world_wants_for_nothing(seed: int) -> None:
    assert calm(seed).world.state.shortages == []


@pytest.mark.parametrize("live", [calm, disturbed])
def test_what_came_less_what_went_is_what_is_there(live: Callable[[int], Life]) -> None:
    stock = live(1).world.state.stock
    for place, flow in stock.flows.items():
        assert flow.incoming - flow.outgoing == pytest.approx(stock.on_hand(place), rel=1e-9, abs=1e-5), place
        assert all(lot.qty > 0 for lot in stock.lots[place])


@pytest.mark.parametrize("live", [calm, disturbed])
def test_what_leaves_one_site_comes_to_the_next(live: Callable[[int], Life]) -> None:
    life = live(1)
    state = life.world.state
    for item in life.world.planner.items:
        if item.maker is None:
            continue
        sent = state.stock.flows[item.maker.site, item.place[1]].outgoing
        under_way = sum(
            shipment.qty
            for shipment in state.shipments.values()
            if shipment.material == item.place[1] and shipment.departed is not None
        )
        came = state.stock.flows[item.place].incoming - life.world.opening[item.place]
        assert sent - under_way == pytest.approx(came, rel=1e-9)


def test_half_a_year_is_worth_some_ten_thousand_records() -> None:
    records = [record for day in calm(1).days for record in day.records]
    assert len(calm(1).days) == 182
    assert 30_000 < len(records) < 80_000
    assert {record.partner for record in records} == set(network.partners)


def test_the_market_is_served_every_week() -> None:
    state = calm(1).world.state
    for place, weekly in calm(1).world.market.weekly.items():
        weeks = (WARM_UP_DAYS + 182) / 7
        assert state.stock.flows[place].outgoing == pytest.approx(weekly * weeks, rel=0.05)
