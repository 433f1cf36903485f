"""The one place where events get their meaning: a reading for each type of event."""

from collections.abc import Sequence

from streams.events.envelope import Event
from streams.ledger.facts import Entry, Units
from streams.ledger.readings import batch, deviation, raw_material, shipment

_READINGS = {**shipment.READINGS, **raw_material.READINGS, **batch.READINGS, **deviation.READINGS}


def read(event: Event, units: Units) -> Sequence[Entry]:
    """What the event says, entity by entity. Raises `Unconvertible`, or `ValueError` for a day that no calendar has."""
    return _READINGS[type(event)](event, units)
