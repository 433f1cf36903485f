"""Which events of a partition count, and in what order the reports of one entity are taken."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from streams.events.control import Tick, Withdrawn
from streams.events.envelope import Event
from streams.ledger.register import identity
from streams.network.model import Network
from streams.network.units import factor

State = dict[str, Any]
Tables = dict[str, dict[str, State]]


class Report(NamedTuple):
    """What somebody says of one entity. `tie` orders two reports of the same moment; `tell` enters it into the state."""

    source: str
    sequence: int | None
    recorded: datetime
    tie: int
    tell: Callable[[State], None]


def that_count(events: Iterable[Event]) -> list[Event]:
    """Each event once, without those that another names as withdrawn or corrected, whenever that one comes."""
    first = {(event.partnerid, event.source, event.id): event for event in reversed(list(events))}
    never_happened = {
        (event.partnerid, event.source, named(event)) for event in first.values() if named(event) != event.id
    }
    return [
        event
        for identifiers, event in first.items()
        if identifiers not in never_happened and not isinstance(event, Tick | Withdrawn)
    ]


def named(event: Event) -> str | None:
    """The id of the event that this one undoes."""
    return event.data.event_id if isinstance(event, Withdrawn) else event.corrects


def recorded(event: Event) -> datetime:
    """When the partner wrote it down."""
    return event.recordedtime or event.time


def report(event: Event, tell: Callable[[State], None]) -> Report:
    """What an event says of an entity."""
    sequence = None if event.sequence is None else int(event.sequence)
    return Report(event.source, sequence, recorded(event), identity(event.partnerid, event.source, event.id), tell)


def in_order(reports: Sequence[Report], alone: bool = True) -> list[Report]:
    """By the sequence of their source, if they all have one and the same source; else by the time of recording.

    Not `alone`: reports of other things speak of this one too, and they share no sequence with its own.
    """
    numbered = alone and all(r.sequence is not None for r in reports) and len({r.source for r in reports}) == 1
    return sorted(reports, key=lambda r: (r.sequence if numbered else r.recorded, r.tie))


def come_to(reports: Sequence[Report], alone: bool = True) -> State:
    """The state that the reports come to, the newest speaking last."""
    state: State = {}
    for one in in_order(reports, alone):
        one.tell(state)
    return state


def key(*codes: str) -> str:
    """The key of an entity in the tables."""
    return "/".join(code.replace("~", "~0").replace("/", "~1") for code in codes)


class Units:
    """Amounts in the unit in which the network keeps a material; a material that it does not know keeps its own."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def of(self, material: str, uom: str) -> str:
        """The material's unit."""
        entry = self._network.materials.get(material)
        return entry.uom if entry else uom

    def told(self, qty: float, uom: str, material: str) -> float:
        """An amount in the material's unit."""
        ratio = factor(uom, self.of(material, uom))
        assert ratio is not None
        return round(qty * float(ratio), 6)
