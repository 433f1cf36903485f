"""Looks all the time at how far everything has come: ends of topics, positions, messages."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.structs import TopicPartition
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from alerting.database import connect, reading
from alerting.delivery.outbox import WAITING
from alerting.tables import alert, alert_news, outbox
from streams.ledger.tables import stream_position
from streams.topics import EVENTS_TOPIC, LATEST
from tests.chaos.stack import INSTANCE, PARTITIONS, Stack

LOOK_EVERY_SECONDS = 0.25
GROUP = f"{INSTANCE}-intake"


@dataclass(frozen=True)
class Sight:
    """What was seen last. Offsets by partition of the events topic; what the intake has committed by inbound topic."""

    ends: Mapping[int, int] = field(default_factory=dict[int, int])
    positions: Mapping[int, int] = field(default_factory=dict[int, int])
    through_intake: Mapping[str, int] = field(default_factory=dict[str, int])
    counted: int = 0
    repeated: int = 0
    alerts: int = 0
    news: int = 0
    messages: Mapping[str, int] = field(default_factory=dict[str, int])
    looks: int = 0

    @property
    def to_count(self) -> int:
        return sum(self.ends.values()) - sum(self.positions.values())

    @property
    def to_send(self) -> int:
        return sum(self.messages.get(state, 0) for state in WAITING)

    def to_take_in(self, sent: Mapping[str, int]) -> int:
        """How many records the intake has yet to commit, where the inbound topics end at `sent`."""
        return sum(max(0, end - self.through_intake.get(topic, 0)) for topic, end in sent.items())

    def at_rest(self, sent: Mapping[str, int]) -> bool:
        """Everything that was sent has been taken in, counted and told."""
        return self.looks > 0 and self.to_count == self.to_take_in(sent) == self.news == self.to_send == 0


class Lookout(threading.Thread):
    """Keeps `sight` up to date; a server that is away leaves it as it was."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(name="lookout", daemon=True)
        self.sight = Sight()
        self._stack = stack
        self._ending = threading.Event()
        self._engine = connect(stack.database_url, pool_size=1)

    def stop(self) -> None:
        self._ending.set()
        self.join(10)
        self._engine.dispose()

    def run(self) -> None:
        while not self._ending.wait(LOOK_EVERY_SECONDS):
            with suppress(KafkaError, SQLAlchemyError, OSError), self._admin() as admin:
                while not self._ending.wait(LOOK_EVERY_SECONDS):
                    self.sight = self._look(admin)

    def _admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(bootstrap_servers=self._stack.broker.bootstrap)

    def _look(self, admin: Any) -> Sight:
        with reading(self._engine) as connection:
            position = stream_position.c
            rows = connection.execute(
                select(position.partition, position.next_offset, position.counted, position.repeated)
            ).all()
            by_state = select(outbox.c.state, func.count()).group_by(outbox.c.state)
            messages = {row.state: row[1] for row in connection.execute(by_state)}
            alerts = connection.execute(select(func.count()).select_from(alert)).scalar_one()
            news = connection.execute(select(func.count()).select_from(alert_news)).scalar_one()
        # After the positions: what has moved meanwhile lies ahead of them, never behind.
        through = admin.list_group_offsets([GROUP])[GROUP]
        ends = admin.list_partition_offsets({TopicPartition(EVENTS_TOPIC, n): LATEST for n in range(PARTITIONS)})
        return Sight(
            {place.partition: int(found.offset) for place, found in ends.items()},
            {row.partition: row.next_offset for row in rows},
            {place.topic: int(found.offset) for place, found in through.items()},
            sum(row.counted for row in rows), sum(row.repeated for row in rows), alerts, news, messages, self.sight.looks + 1,
        )  # fmt: skip
