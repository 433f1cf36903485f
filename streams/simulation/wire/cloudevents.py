"""CloudEvents for what no other format of the partner carries: one by one or in batches, on the topic or by webhook."""

from collections.abc import Hashable
from datetime import datetime
from itertools import count
from random import Random

from streams.intake.cloudevents import BATCH_JSON
from streams.simulation.deliveries import Delivery, Posted
from streams.simulation.envelope import Notice, Record, Writer
from streams.simulation.journal import Told


class CloudEvents:
    """Tells of everything. Events of the types `in_batches` go by the day, in the batch format."""

    is_final = False

    def __init__(self, writer: Writer, *, by_webhook: bool = False, in_batches: frozenset[str] = frozenset()) -> None:
        self._writer = writer
        self._by_webhook = by_webhook
        self._in_batches = in_batches
        self._alone = count()

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return (told.type, told.at.date()) if told.type in self._in_batches else next(self._alone)

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        hours = self._writer.calendar.hours(written)
        if notice.type not in self._in_batches or notice.corrects is not None:
            identity, record = self._writer.write(notice, hours)
            return identity, self._sent(identity, record)
        several = [notice._replace(more=()), *(Notice(one.site, one.type, one.at, one.data) for one in notice.more)]
        structured = [self._writer.structured(one, hours) for one in several]
        return structured[0][0], self._batch(structured[0][0], [value for _, value in structured])

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`. A request may bear a wrong signature besides."""
        record = self._writer.spoil(notice, self._writer.calendar.hours(written), luck)
        if notice.type in self._in_batches:
            return self._batch(name, [record.value])
        return self._sent(name, record, is_signed=luck.random() < 0.5)

    def _batch(self, name: str, values: list[bytes]) -> Delivery:
        record = Record(
            self._writer.partner, (("content-type", BATCH_JSON.encode()),), self._writer.site.encode(),
            b"[" + b",".join(values) + b"]",
        )  # fmt: skip
        return self._sent(name, record)

    def _sent(self, name: str, record: Record, *, is_signed: bool = True) -> Delivery:
        if not self._by_webhook:
            return record
        return Posted(record.partner, name, dict(record.headers)["content-type"].decode(), record.value, is_signed)
