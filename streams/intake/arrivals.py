"""Records of a partner with the time at which they reached the broker."""

from collections.abc import Sequence
from typing import Protocol

from streams.intake.inbound import InboundRecord


class ArrivedRecord(InboundRecord, Protocol):
    """`timestamp` is the broker's, in milliseconds since 1970."""

    @property
    def timestamp(self) -> int: ...


class Arrivals(Protocol):
    """Records of one partition, in order."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def records(self) -> Sequence[ArrivedRecord]: ...
