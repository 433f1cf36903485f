"""Which of the last events of a feed were bad: a bit each."""

from typing import Any, Final

LATEST: Final = 128
"""Events that the shares of corrections and of disorder are about."""

_MASK: Final = (1 << LATEST) - 1


def packed_bits(bits: int) -> bytes:
    """As bytes, the highest first."""
    return bits.to_bytes((bits.bit_length() + 7) // 8)


class Marks:
    """The newest bit is the lowest. `all`: of so many events, up to `LATEST`."""

    __slots__ = ("all", "bits")

    def __init__(self, bits: int = 0, all: int = 0) -> None:
        self.bits = bits
        self.all = all

    def note(self, many: int, bad: int) -> None:
        """So many more came; `bad` has a bit for each, the last one lowest."""
        if bad or self.bits:
            self.bits = (self.bits << min(many, LATEST) | bad) & _MASK
        self.all = min(LATEST, self.all + many)

    @property
    def bad(self) -> int:
        """How many of them were bad."""
        return self.bits.bit_count()

    def told(self) -> tuple[Any, ...]:
        """As it is stored."""
        return (packed_bits(self.bits), self.all)

    @classmethod
    def of(cls, told: Any) -> "Marks":
        """What was stored."""
        return cls(int.from_bytes(told[0]), told[1])
