"""What few rules ask for: the moments of a subject, and where it belongs. Worked out only when a rule needs it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from streams.ledger.entity import Entity, Surroundings, instant
from streams.ledger.facts import code
from streams.ledger.kinds.line_flow import LINE_FLOW
from streams.ledger.kinds.outlook import OUTLOOK
from streams.network.model import Material

Aspect = Callable[[Entity, Surroundings], Any]


def _moment(field: str) -> Aspect:
    """When something happened that the state notes in microseconds."""
    return lambda entity, around: instant(entity.state.get(field))


def _material(entity: Entity, around: Surroundings) -> Material | None:
    """The material that a lot is of, that a batch makes, or that is looked at itself."""
    own = code(entity.key) if entity.kind == "material" else entity.state.get("material")
    return None if own is None else around.network.materials.get(own)


def _product(entity: Entity, around: Surroundings) -> str | None:
    material = _material(entity, around)
    return None if material is None else material.product


def _material_class(entity: Entity, around: Surroundings) -> str | None:
    material = _material(entity, around)
    return None if material is None else material.material_class


def _excursion_at(entity: Entity, around: Surroundings) -> datetime | None:
    """The first reading out of the range that the shipment was booked for."""
    state = entity.state
    low, high = state.get("temp_min"), state.get("temp_max")
    out = [
        at
        for at, celsius in state.get("readings", {}).values()
        if (low is not None and celsius < low) or (high is not None and celsius > high)
    ]
    return instant(min(out, default=None))


def _inspected_at(entity: Entity, around: Surroundings) -> datetime | None:
    return instant(entity.state.get("milestones", {}).get("inspected"))


def _moments(*fields: str) -> dict[str, Aspect]:
    return {field: _moment(field) for field in fields}


_PLACE: Final[Mapping[str, Aspect]] = {"product": _product, "material_class": _material_class}

ASPECTS: Final[Mapping[str, Mapping[str, Aspect]]] = {
    "lot": _PLACE,
    "material": {**_PLACE, **OUTLOOK},
    "batch": {
        "material_class": _material_class,
        **_moments("started_at", "completed_at", "qc_result_at", "dispositioned_at"),
    },
    "shipment": {
        **_moments("departed_at", "arrived_at", "received_at"),
        "excursion_at": _excursion_at,
        "inspected_at": _inspected_at,
    },
    "line": LINE_FLOW,
    "deviation": _moments("opened_at", "closed_at"),
    "capa": _moments("opened_at", "closed_at"),
}
"""Kind -> feature -> how it is worked out."""
