"""The numbers that a source gives its reports, and which of them never came."""

from typing import Any, Final

from streams.ledger.trust.marks import packed_bits

PATIENCE: Final = 6
"""Hours. What was overtaken is there a quarter of a day later, or lost."""

KEPT: Final = 4096
AWAITED: Final = 2048
"""Numbers that are kept, and after how many newer ones one is lost before its time is over: a quick source fills them."""

WINDOWS: Final = (32, 128, 1024)
"""Losses are looked for among so many numbers: the few tell soon, the many tell what is rare."""

LEAP: Final = 1000
"""A number so far ahead begins a new numbering."""

RENUMBERED: Final = 20
"""So do so many in a row that were there before."""

LEARNED_FROM: Final = 128
DENSE: Final = 0.75
"""A source counts up by one if so much came of its first numbers. In one that does not, nothing can be missing."""


class Numbering:
    """The numbers of one source. Bit n of `missing`: the number `top` - n is not there. `tops`: the top at the end of each
    of the last hours with word. `counts`: whether the source counts up by one, None until that is known."""

    __slots__ = ("again", "came", "counts", "expected", "missing", "top", "tops")

    def __init__(self, number: int, hour: int) -> None:
        self._begin(number, hour)

    def _begin(self, number: int, hour: int) -> None:
        self.top = number
        self.missing = self.again = 0
        self.expected = self.came = 1
        self.counts: bool | None = None
        self.tops = [(hour, number)]

    def note(self, number: int, hour: int) -> None:
        """It came in that hour."""
        if self.counts is False:
            return
        step = number - self.top
        if step == 1:
            if self.missing:
                self.missing = self.missing << 1 & _MASK
        elif 1 < step <= LEAP:
            self.missing = (self.missing << step | (1 << step) - 2) & _MASK
        elif step > 0 or not self.missing >> -step & 1:
            self.again += 1
            if step > 0 or self.again >= RENUMBERED:
                self._begin(number, hour)
            return
        else:
            self.missing ^= 1 << -step
        self.came, self.again = self.came + 1, 0
        if step > 0:
            self._on(number, step, hour)

    def _on(self, number: int, step: int, hour: int) -> None:
        self.top = number
        self.expected += step
        tops = self.tops
        if tops[-1][0] >= hour:
            tops[-1] = (tops[-1][0], number)
        else:
            tops.append((hour, number))
            while len(tops) > 1 and tops[1][0] <= hour - PATIENCE:
                del tops[0]
        if self.counts is None and self.expected >= LEARNED_FROM:
            self.counts = self.came >= DENSE * self.expected
            if not self.counts:
                self.missing, self.tops = 0, tops[-1:]

    def lost(self, hour: int) -> list[tuple[int, int]]:
        """How many numbers are missing as of that hour, and of how many, in each window. [] where none can be."""
        if not self.counts:
            return []
        settled = max([self.top - AWAITED, *(top for at, top in self.tops if at <= hour - PATIENCE)])
        awaited = self.top - settled
        many = min(self.expected, KEPT) - awaited
        missing = self.missing >> awaited
        return [((missing & (1 << window) - 1).bit_count(), min(window, many)) for window in WINDOWS if many > 0]

    def told(self) -> tuple[Any, ...]:
        """As it is stored."""
        missing = packed_bits(self.missing)
        return (self.top, missing, self.expected, self.came, self.again, self.counts, self.tops)

    @classmethod
    def of(cls, told: Any) -> "Numbering":
        """What was stored."""
        made = cls(told[0], 0)
        _, missing, made.expected, made.came, made.again, made.counts, tops = told
        made.missing = int.from_bytes(missing)
        made.tops = [(hour, top) for hour, top in tops]
        return made


_MASK: Final = (1 << KEPT) - 1
