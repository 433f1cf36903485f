"""What is said about events and about time itself."""

from streams.events.envelope import Data, Event
from streams.events.types import Identifier, Text


class WithdrawnData(Data, frozen=True, kw_only=True, gc=False):
    """The event `event_id` of the same source never happened: what it did is undone. A withdrawal is final."""

    event_id: Identifier
    reason: Text | None = None


class TickData(Data, frozen=True, kw_only=True, gc=False):
    """The stream's clock has come to the event's `time` (replay and simulation only)."""


class HeartbeatData(Data, frozen=True, kw_only=True, gc=False):
    """A sign of life that goes the way of all events, to `partitions` partitions; it says nothing about anything."""

    partitions: int


class Withdrawn(Event, frozen=True, kw_only=True, tag="cdmo.event.withdrawn", gc=False):
    data: WithdrawnData


class Tick(Event, frozen=True, kw_only=True, tag="bellwether.tick", gc=False):
    data: TickData = TickData()


class Heartbeat(Event, frozen=True, kw_only=True, tag="bellwether.heartbeat", gc=False):
    data: HeartbeatData
