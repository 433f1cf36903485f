"""The packed form of a journal's facts, kept from one batch to the next, so that only what is new must be packed."""

from collections.abc import Sequence
from typing import Final

import msgspec

from streams.ledger.fact import Fact

FEW: Final = 15
"""An array of at most so many has a header of one byte in MessagePack, a longer one of three."""

_encode = msgspec.msgpack.Encoder().encode


class Written:
    """Facts in MessagePack, one after the other. The first `half` of them can be dropped without packing the rest anew."""

    __slots__ = ("_bytes", "_count", "_half", "_half_bytes")

    def __init__(self, half: int) -> None:
        self._half = half
        self._half_bytes = 0
        self._count = 0
        self._bytes = bytearray()

    def array_of(self, facts: Sequence[Fact]) -> msgspec.Raw:
        """`facts` as an array, of which those that are written already are the first."""
        if self._count < self._half <= len(facts):
            self._write(facts[self._count : self._half])
            self._half_bytes = len(self._bytes)
        self._write(facts[self._count :])
        return msgspec.Raw(b"\xdc" + self._count.to_bytes(2, "big") + self._bytes)

    def drop(self, many: int) -> bool:
        """Drop so many of the first. False: that cannot be done, and all must be written anew."""
        if many != self._half or not many <= self._count < 2 * many:
            return False
        del self._bytes[: self._half_bytes]
        self._count -= many
        return True

    def _write(self, facts: Sequence[Fact]) -> None:
        if facts:
            self._bytes += memoryview(_encode(facts))[1 if len(facts) <= FEW else 3 :]
            self._count += len(facts)
