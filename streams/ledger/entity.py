"""One entity of a site as the ledger holds it: its journal, the tallies that others keep with it, and what it keeps with others."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from risk_rules.remedies import Remedy
from streams.ledger.fact import Fact, State
from streams.ledger.facts import Entry
from streams.ledger.journal import Journal, Stamp
from streams.network.model import Network

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
RECENT: Final = 8
"""Events that a subject without a journal of its own remembers as its evidence."""

MICRO: Final = 1_000_000
"""Tallies are whole millionths of the unit, so that adding and taking away in any order ends at the same number."""


class Share(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an entity adds to the tallies of another, its `target` (kind, key): `amount` millionths in `bucket`."""

    target: tuple[str, str]
    bucket: str
    amount: int


class Derived(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the state of one entity says of another, as a fact that is replaced when the state changes."""

    entry: Entry
    recorded: int


class Entity(msgspec.Struct):
    """An entity and what it has passed on: `shares` in the tallies of others, `derived` facts in their journals.

    `tallies` are what others keep with it, `recent` the events that moved them. `view` is what rules last saw of it, for
    columns that time alone changes. `stored`: it has a row.
    `weight` is what it counts for in the room of the holding. `settled_with`: the network by which `shares` and `derived` were
    last worked out; None: not since it was read.
    """

    kind: str
    key: str
    partner: str
    site: str
    journal: Journal
    shares: Sequence[Share] = ()
    derived: Sequence[Derived] = ()
    tallies: dict[str, int] = {}
    recent: Sequence[str] = ()
    score: float | None = None
    stored: bool = False
    weight: int = 0
    view: Mapping[str, Any] | None = None
    settled_with: Network | None = None

    @property
    def state(self) -> State:
        return self.journal.state

    def tally(self, changes: Mapping[str, int]) -> None:
        """Add to the buckets; an empty bucket is forgotten."""
        tallies = self.tallies = self.tallies or {}  # an empty one may be shared
        for bucket, amount in changes.items():
            total = tallies.get(bucket, 0) + amount
            if total:
                tallies[bucket] = total
            else:
                tallies.pop(bucket, None)

    def remember(self, event: str) -> None:
        """Note an event that moved the tallies."""
        if event not in self.recent:
            self.recent = (*self.recent, event)[-RECENT:]

    def events(self) -> tuple[str, ...]:
        """The events that the entity rests on, newest first, as far as remembered."""
        return tuple(self.journal.events()) or tuple(reversed(self.recent))


class Packed(msgspec.Struct, array_like=True, gc=False):
    """The form of an entity's column `journal` (MessagePack)."""

    facts: list[Fact]
    by_sequence: bool
    base: State
    base_count: int
    base_newest: Stamp | None
    base_at: dict[str, Stamp]
    shares: tuple[Share, ...]
    derived: tuple[Derived, ...]
    tallies: dict[str, int]
    recent: tuple[str, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Packed).decode


def pack(entity: Entity) -> bytes:
    """All that the ledger must know to go on with the entity."""
    journal = entity.journal
    return _encode(
        (
            journal.packed_facts(), journal.by_sequence, journal.base, journal.base_count, journal.base_newest,
            journal.base_at, entity.shares, entity.derived, entity.tallies, entity.recent,
        )
    )  # fmt: skip


def unpack(entity: Entity, packed: bytes) -> None:
    """Fill the entity from its packed form."""
    form = _decode(packed)
    journal = entity.journal
    journal.facts, journal.by_sequence = form.facts, form.by_sequence
    journal.base, journal.base_count, journal.base_newest = form.base, form.base_count, form.base_newest
    journal.base_at = form.base_at
    journal.refold()
    entity.shares, entity.derived = form.shares, form.derived
    entity.tallies, entity.recent = form.tallies, form.recent
    entity.stored = True


class Surroundings(msgspec.Struct, frozen=True):
    """What a feature may ask for besides its own entity: the time, the network, and which feeds (partner, site) are
    silent or broken, so that nothing is known of what rests on them.

    `today` is the UTC day as a proleptic ordinal.
    """

    now: datetime
    today: int
    network: Network
    silent_feeds: frozenset[tuple[str, str]]

    def silent(self, partner: str, site: str) -> bool:
        """Whether nothing that rests on the feed can be known: it is silent, or cannot be trusted."""
        return bool(self.silent_feeds) and (partner, site) in self.silent_feeds


class Kind(NamedTuple):
    """How one kind of entity behaves. `columns` gives the values of the table's own columns, in their order.

    `shares` and `derived`: what it passes on. `features`: what rules see of it,
    at least those that are asked for; None when no rule may speak of it. `open`:
    whether time alone can change what they say. `rests_on_tallies`: it is what others keep with it, and is never forgotten.
    `remedy`: what helps against what rules find of it.
    """

    name: str
    columns: Callable[[Entity], tuple[Any, ...]]
    shares: Callable[[Entity, Network], tuple[Share, ...]] | None = None
    derived: Callable[[Entity, Network], tuple[Derived, ...]] | None = None
    features: Callable[[Entity, Surroundings, frozenset[str]], Mapping[str, Any]] | None = None
    open: Callable[[Entity], bool] | None = None
    rests_on_tallies: bool = False
    remedy: Callable[[Entity, Surroundings], Remedy | None] | None = None

    def exists(self, entity: Entity) -> bool:
        """Whether anything is known of it: all of its events may have been withdrawn."""
        journal = entity.journal
        return bool(journal.facts) or journal.base_count > 0 or self.rests_on_tallies


def always(entity: Entity) -> bool:
    """For what time alone can change as long as it is known."""
    return True


def instant(micros: int | None) -> datetime | None:
    """The instant of microseconds since 1970."""
    return None if micros is None else datetime.fromtimestamp(micros / 1e6, UTC)


def ordinal(micros: int) -> int:
    """The UTC day of microseconds since 1970, as a proleptic ordinal."""
    return 719_163 + micros // 86_400_000_000


@lru_cache(maxsize=100_000)
def iso_ordinal(day: str) -> int:
    """The ordinal of an ISO day."""
    return date.fromisoformat(day).toordinal()


def days_after(now: datetime, micros: int) -> float:
    """How many days `now` is after an instant; negative when before."""
    return round(now.timestamp() - micros / 1e6, 3) / 86_400
