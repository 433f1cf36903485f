"""The one place where events get their meaning: a reading for each type of event."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from streams.events.control import Heartbeat, Tick, Withdrawn
from streams.events.envelope import Event
from streams.ledger.facts import Entry, Units
from streams.ledger.readings import batch, deviation, raw_material, shipment


def _nothing(event: Event, units: Units) -> Sequence[Entry]:
    return ()


Reading = Callable[[Any, Units], Sequence[Entry]]
"""What an event of one type says, entity by entity. Raises `Unconvertible`, or `ValueError` for a day that no calendar has."""

READINGS: Final[dict[type[Event], Reading]] = {
    Withdrawn: _nothing,
    Tick: _nothing,
    Heartbeat: _nothing,
    **shipment.READINGS,
    **raw_material.READINGS,
    **batch.READINGS,
    **deviation.READINGS,
}
