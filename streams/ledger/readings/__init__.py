"""The one place where events get their meaning: a reading for each type of event."""

from collections.abc import Sequence

from streams.events.control import Heartbeat, Tick, Withdrawn
from streams.events.envelope import Event
from streams.ledger.facts import Entry, Units
from streams.ledger.readings import batch, deviation, raw_material, shipment


def _nothing(event: Event, units: Units) -> Sequence[Entry]:
    return ()


_READINGS = {
    Withdrawn: _nothing,
    Tick: _nothing,
    Heartbeat: _nothing,
    **shipment.READINGS,
    **raw_material.READINGS,
    **batch.READINGS,
    **deviation.READINGS,
}


def read(event: Event, units: Units) -> Sequence[Entry]:
    """What the event says, entity by entity; nothing where it speaks of events or of time.

    Raises `Unconvertible`, or `ValueError` for a day that no calendar has.
    """
    return _READINGS[type(event)](event, units)
