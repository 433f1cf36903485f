"""Which letters are meant: by why they were refused, what read them, when, where in them the fault is, and what became of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from streams.dead_letters.fates import Fate
from streams.dead_letters.letter import Letter


class State(StrEnum):
    """What became of a letter."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold of a letter: all of it; empty and None hold of every one.

    `mapping` is a name, or a name and version; `since` and `before` bound the time of the refusal; `place` is in the place of
    the fault or in its message.
    """

    states: frozenset[State] = frozenset({State.OPEN})
    reasons: frozenset[str] = frozenset()
    mapping: str | None = None
    family: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    place: str | None = None
    offsets: frozenset[int] = frozenset()

    def holds(self, letter: Letter, fate: Fate | None) -> bool:
        """Whether the letter is meant. `fate` is None of an open one."""
        return (
            state_of(fate) in self.states
            and (not self.reasons or letter.reason in self.reasons)
            and (self.mapping is None or self.mapping in (letter.mapping, letter.mapping.partition("@")[0]))
            and (self.family is None or letter.family == self.family)
            and (self.since is None or letter.refused_at >= self.since)
            and (self.before is None or letter.refused_at < self.before)
            and (self.place is None or self.place in letter.place or self.place in letter.message)
            and (not self.offsets or letter.offset in self.offsets)
        )


def state_of(fate: Fate | None) -> State:
    """The state by the fate that is kept, if any is."""
    return State.OPEN if fate is None else State(fate.fate)


BY: Final[dict[str, Callable[[Letter], str]]] = {
    "reason": lambda letter: letter.reason or "unknown",
    "mapping": lambda letter: letter.mapping or "unknown",
    "family": lambda letter: letter.family,
    "place": lambda letter: letter.place,
    "day": lambda letter: f"{letter.refused_at:%Y-%m-%d}",
}
"""What letters can be counted by."""


def counts(letters: Iterable[Letter], by: str) -> Counter[str]:
    """How many letters there are of each, by one of `BY`."""
    return Counter(map(BY[by], letters))
