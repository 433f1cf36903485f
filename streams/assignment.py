"""Which partitions are ours now: a lane for each, from the assignment on until it is taken away."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from streams.lanes import Agent, Batch, Lane, Limits, Partition, Stream, Watch


class Reader(Stream, Protocol):
    """What reads the partitions from Kafka."""

    def room(self) -> None:
        """A lane has room again."""
        ...


class Lanes:
    """The lanes of one member of a group, by partition. `reader` is asked for when partitions are assigned."""

    def __init__(self, reader: Callable[[], Reader], agents: dict[str, Agent], watch: Watch, limits: Limits) -> None:
        self._reader = reader
        self._agents = agents
        self._watch = watch
        self._limits = limits
        self._lanes: dict[Partition, Lane] = {}
        self._begun = 0
        self._told: Callable[[list[Partition]], None] = lambda partitions: None

    def tell(self, told: Callable[[list[Partition]], None]) -> None:
        """`told` hears of the partitions that are ours, whenever they change."""
        self._told = told

    def has_room(self, partition: Partition) -> bool:
        """Whether more of the partition may be read."""
        lane = self._lanes.get(partition)
        return lane is not None and lane.has_room

    def put(self, batch: Batch) -> None:
        """A batch has been read; of a partition that was taken away meanwhile, it is dropped."""
        lane = self._lanes.get(batch.origin)
        if lane is not None:
            lane.put(batch)

    async def begin(self, partitions: Mapping[Partition, int]) -> None:
        """These partitions are ours, and no others; reading begins at these offsets. The newest call counts."""
        self._begun += 1
        this = self._begun
        await self.end(list(self._lanes))
        if this != self._begun:
            return
        reader = self._reader()
        for partition, begins_at in partitions.items():
            agent = self._agents.get(partition.topic)
            if agent is not None:
                lane = Lane(partition, agent, reader, self._watch, self._limits, reader.room, begins_at)
                self._lanes[partition] = lane
                lane.start()
        self._told(list(self._lanes))

    async def end(self, partitions: Iterable[Partition]) -> None:
        """These partitions are taken away."""
        lanes = [lane for partition in partitions if (lane := self._lanes.pop(partition, None)) is not None]
        await asyncio.gather(*(lane.stop() for lane in lanes))

    @property
    def partitions(self) -> list[Partition]:
        """Those that are ours."""
        return list(self._lanes)
