"""How a partner's dead letters stand: how many, how large, how old, and when the broker lets go of them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from streams.dead_letters.choosing import State
from streams.dead_letters.letter import Letter


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All letters that the broker has, and their bytes (key, value and the partner's headers). Ages in seconds.

    `oldest_open_at`: None where none is open. `retention_seconds`: None where the broker keeps them for ever or does not say.
    `gone_at`: when the broker may let go of the oldest open one.
    """

    partner: str
    topic: str
    letters: int
    bytes: int
    open: int
    replayed: int
    discarded: int
    oldest_open_at: datetime | None
    oldest_open_age_seconds: float | None
    retention_seconds: float | None
    gone_at: datetime | None


def overview(
    partner: str, topic: str, letters: Iterable[tuple[Letter, State]], retention: timedelta | None, now: datetime
) -> Overview:
    """As it stands at `now`."""
    states: Counter[State] = Counter()
    size, oldest = 0, None
    for letter, state in letters:
        states[state] += 1
        size += letter.bytes
        if state is State.OPEN and (oldest is None or letter.refused_at < oldest):
            oldest = letter.refused_at
    return Overview(
        partner=partner,
        topic=topic,
        letters=states.total(),
        bytes=size,
        open=states[State.OPEN],
        replayed=states[State.REPLAYED],
        discarded=states[State.DISCARDED],
        oldest_open_at=oldest,
        oldest_open_age_seconds=None if oldest is None else (now - oldest).total_seconds(),
        retention_seconds=None if retention is None else retention.total_seconds(),
        gone_at=None if oldest is None or retention is None else oldest + retention,
    )
