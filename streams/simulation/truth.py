"""What a disruption truly did: on which day somebody first went without, and who fared worse than without it.

The same world is lived through a second time without disruptions. Whatever comes later there than here, or not at all,
was harmed; since each disruption is about products or a site of its own, it is known by which.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from math import inf
from typing import TypeVar

import msgspec

from streams.network.model import Route
from streams.simulation.disruptions import Disruption, FeedSilent
from streams.simulation.state import Batch, Phase, Shipment, State
from streams.simulation.stock import Place

Subject = tuple[str, str]
"""A subject of the ledger: its kind and its key."""

T = TypeVar("T")


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """`true_impact_on`: the first day on which a batch could not start or the market was not served because of it.

    For a silent feed it is the first day on which more than a safety stock had been used unseen.
    None: no harm came of it. `affected` holds its own subject and all that truly fared worse because of it.
    """

    kind: str
    subject_kind: str
    subject: str
    began_at: datetime
    true_impact_on: date | None
    impact_place: str | None
    affected: frozenset[Subject]


def truths(state: State, undisturbed: State, disruptions: Sequence[Disruption]) -> list[Truth]:
    """The truth of each disruption that has begun; `undisturbed` is the same world on the same day without any."""
    found: list[Truth] = []
    for disruption in disruptions:
        if disruption.began is None or disruption.subject is None:
            continue
        affected = frozenset(_affected(state, undisturbed, disruption))
        day, place = _impact(state, disruption, affected)
        found.append(
            Truth(
                kind=disruption.kind,
                subject_kind=disruption.subject_kind,
                subject=disruption.subject,
                began_at=state.calendar.at(disruption.began, 0),
                true_impact_on=None if day is None else state.calendar.date(day),
                impact_place=None if place is None else "/".join(place),
                affected=affected | {(disruption.subject_kind, disruption.subject)},
            )
        )
    return found


def _impact(state: State, disruption: Disruption, affected: frozenset[Subject]) -> tuple[int | None, Place | None]:
    if isinstance(disruption, FeedSilent):
        return disruption.blind_on, None
    for shortage in state.shortages:
        if shortage.day >= (disruption.began or 0) and ("material", "/".join(shortage.place)) in affected:
            return shortage.day, shortage.place
    return None, None


def _affected(state: State, undisturbed: State, disruption: Disruption) -> Iterator[Subject]:
    """What fared worse: went without, came later or never, took more hours of a line in a week, or happened unseen."""
    products = set(disruption.products(state))
    routes = [route for route in state.network.routes.values() if route.product in products]
    places = _places(state, routes)
    spared = {shortage.place for shortage in undisturbed.shortages}
    yield from {("material", "/".join(one.place)) for one in state.shortages if one.place in places - spared}
    for key, batch in state.every_batch.items():
        if batch.route.product in products and _later(_days_of_batch, batch, undisturbed.every_batch.get(key)):
            yield "batch", key
    for key, shipment in state.every_shipment.items():
        ours = (shipment.site, shipment.material) in places
        if ours and _later(_days_of_shipment, shipment, undisturbed.every_shipment.get(key)):
            yield "shipment", key
    for (site, line, monday), hours in state.line_hours.items():
        ours = any(route.site == site and line in route.lines for route in routes)
        if ours and hours > undisturbed.line_hours.get((site, line, monday), 0.0):
            yield "line", f"{site}/{line}"
    if isinstance(disruption, FeedSilent):
        yield from _unseen(state, disruption)


def _places(state: State, routes: Sequence[Route]) -> set[Place]:
    """Where the goods of these routes are used, made and kept."""
    made = {route.output for route in routes}
    used = {(route.site, item.material) for route in routes for item in route.inputs}
    return used | {place for place in state.network.safety_stock if place[1] in made}


def _later(days: Callable[[T], tuple[float, ...]], one: T, spared: T | None) -> bool:
    """Whether something came later than without the disruption, or later after its first plan, or is there only because of it."""
    return spared is None or any(now > then for now, then in zip(days(one), days(spared), strict=True))


def _days_of_batch(batch: Batch) -> tuple[float, ...]:
    """When it was started, completed and released, or is to be; and so long after the day it was first to start."""
    start = batch.planned_start if batch.started is None else batch.started
    finish = batch.planned_finish if batch.completed is None else batch.completed
    ready = finish + batch.route.release_days if batch.release_on is None else batch.release_on
    ready = inf if batch.phase == Phase.REJECTED else max(ready, batch.held_until or 0)
    return start, finish, ready, *(day - batch.first_start for day in (start, finish, ready))


def _days_of_shipment(shipment: Shipment) -> tuple[float, ...]:
    """When its goods came, or are to come, and so long after the plan; what came warm is of no use."""
    lost = shipment.cancelled or shipment.warm_from is not None
    day = inf if lost else shipment.eta if shipment.arrives is None else shipment.arrives
    return day, day - shipment.planned_arrival


def _unseen(state: State, disruption: FeedSilent) -> Iterator[Subject]:
    """What should have been told of in the silence, and the stock that is not as it seemed."""
    begin = disruption.began or 0
    silence = range(begin, begin + disruption.days)
    for key, batch in state.every_batch.items():
        if batch.route.site == disruption.site and {batch.started, batch.completed, batch.release_on} & set(silence):
            yield "batch", key
            yield from (("material", f"{disruption.site}/{item.material}") for item in batch.route.inputs)
    for key, shipment in state.every_shipment.items():
        if shipment.site == disruption.site and shipment.arrives in silence:
            yield "shipment", key
            yield "material", f"{shipment.site}/{shipment.material}"
