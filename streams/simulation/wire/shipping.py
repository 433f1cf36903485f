"""What shipping papers of all kinds have in common: which events they tell of, and what of them is spoilt."""

from collections.abc import Hashable
from datetime import datetime
from random import Random
from typing import Final

from streams.simulation.journal import Told

BOOKED: Final = "cdmo.shipment.booked"
COURSE: Final = frozenset({"cdmo.shipment.departed", "cdmo.shipment.arrived", "cdmo.shipment.eta_changed"})


def key(told: Told, types: frozenset[str]) -> Hashable:
    """Each event has a paper of its own; None: the partner's papers do not tell of this type."""
    return (told.type, told.data["shipment_id"], told.at) if told.type in types else None


def happened(told: Told) -> datetime:
    """When what an event of a shipment's course tells of was, or is to be."""
    for name in ("actual_departure", "actual_arrival", "estimated_arrival"):
        at = told.data.get(name)
        if isinstance(at, datetime):
            return at
    return told.at


def cut_off(text: str, luck: Random) -> str:
    """As if the line had gone dead: nothing of what makes an interchange whole is left at its end."""
    return text[: luck.randint(len(text) // 2, len(text) - 12)]
