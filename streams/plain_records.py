"""Records as aiokafka parses them, for consumers that ask for them.

aiokafka copies each record into an object of eleven fields, of which six are the same for a whole partition or never
asked for. That takes four times as long as all else that it does with a record.
"""

# pyright: basic
# aiokafka is not annotated.

from typing import Any

from aiokafka.consumer import fetcher


def _plain(value: bytes) -> bytes:
    return value


class PlainRecords(fetcher.PartitionRecords):
    """The records of one fetch: of a consumer that asked for it, with `offset`, `timestamp`, `key`, `value` and `headers` only."""

    def __iter__(self) -> Any:
        return self._records_iterator

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record if self._key_deserializer is _plain else super()._consumer_record(tp, record)


fetcher.PartitionRecords = PlainRecords  # the fetcher of every consumer takes its class from here


def asked_for_by(consumer: Any) -> None:
    """Give this consumer, which has not been started, its records as they are parsed."""
    consumer._key_deserializer = _plain
