"""What a disruption truly did: on which day somebody first went without, and all that it touched."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from streams.simulation.disruptions import Disruption, FeedSilent
from streams.simulation.planning import Planner
from streams.simulation.state import State
from streams.simulation.stock import Place

Subject = tuple[str, str]
"""A subject of the ledger: its kind and its key."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """`true_impact_on`: the first day on which a batch could not start or the market was not served because of it.

    For a silent feed it is the first day on which more than a safety stock had been used unseen.
    None: no harm came of it. `related` holds every subject that may rightly be in alert because of it.
    """

    kind: str
    subject_kind: str
    subject: str
    began_at: datetime
    true_impact_on: date | None
    impact_place: str | None
    related: frozenset[Subject]


def truths(state: State, planner: Planner, disruptions: Sequence[Disruption]) -> list[Truth]:
    """The truth of each disruption that has begun."""
    found: list[Truth] = []
    for disruption in disruptions:
        if disruption.began is None or disruption.subject is None:
            continue
        related = frozenset(_related(state, disruption)) | {(disruption.subject_kind, disruption.subject)}
        day, place = _impact(state, disruption, related)
        found.append(
            Truth(
                kind=disruption.kind,
                subject_kind=disruption.subject_kind,
                subject=disruption.subject,
                began_at=state.calendar.at(disruption.began, 0),
                true_impact_on=None if day is None else state.calendar.date(day),
                impact_place=None if place is None else "/".join(place),
                related=related,
            )
        )
    return found


def _impact(state: State, disruption: Disruption, related: frozenset[Subject]) -> tuple[int | None, Place | None]:
    if isinstance(disruption, FeedSilent):
        return disruption.blind_on, None
    for shortage in state.shortages:
        if shortage.day >= (disruption.began or 0) and ("material", "/".join(shortage.place)) in related:
            return shortage.day, shortage.place
    return None, None


def _related(state: State, disruption: Disruption) -> Iterator[Subject]:
    """All stocks, batches, shipments and lines of the products that it touches."""
    products = set(disruption.products(state))
    network = state.network
    for route in network.routes.values():
        if route.product in products:
            yield "material", f"{route.site}/{route.output}"
            yield from (("material", f"{route.site}/{item.material}") for item in route.inputs)
            yield from (("line", f"{route.site}/{line}") for line in route.lines)
    of_them = {code for code, material in network.materials.items() if material.product in products}
    yield from (("material", f"{site}/{code}") for site, code in network.safety_stock if code in of_them)
    yield from (("batch", key) for key, product in state.batch_products.items() if product in products)
    yield from (("shipment", key) for key, material in state.shipment_materials.items() if material in of_them)
    if isinstance(disruption, FeedSilent):
        yield from (("shipment", key) for key in state.shipment_materials if key.startswith(f"{disruption.site}/"))
