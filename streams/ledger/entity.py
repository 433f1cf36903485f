"""One entity of a site as the ledger holds it: its journal, the tallies that others keep with it, and what it keeps with others."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from streams.ledger.facts import Entry
from streams.ledger.journal import Fact, Journal, State
from streams.network.model import Network

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
RECENT: Final = 8
"""Events that a subject without a journal of its own remembers as its evidence."""

MICRO: Final = 1_000_000
"""Tallies are whole millionths of the unit, so that adding and taking away in any order ends at the same number."""


class Share(NamedTuple):
    """What an entity adds to the tallies of another: `amount` millionths in `bucket`."""

    kind: str
    key: str
    bucket: str
    amount: int


class Derived(NamedTuple):
    """What the state of one entity says of another, as a fact that is replaced when the state changes."""

    entry: Entry
    recorded: int


class Entity:
    """An entity and what it has passed on: `shares` in the tallies of others, `derived` facts in their journals."""

    __slots__ = (
        "derived", "journal", "key", "kind", "partner", "recent", "score", "shares", "site", "stored", "tallies", "view",
    )  # fmt: skip

    def __init__(self, kind: str, key: str, partner: str, site: str) -> None:
        self.kind = kind
        self.key = key
        self.partner = partner
        self.site = site
        self.journal = Journal()
        self.shares: list[Share] = []
        self.derived: list[Derived] = []
        self.tallies: dict[str, int] = {}
        self.recent: list[str] = []
        self.score: float | None = None
        self.stored = False
        self.view: Mapping[str, Any] = {}

    @property
    def state(self) -> State:
        return self.journal.state

    def tally(self, bucket: str, amount: int) -> None:
        """Add to a bucket; an empty bucket is forgotten."""
        total = self.tallies.get(bucket, 0) + amount
        if total:
            self.tallies[bucket] = total
        else:
            self.tallies.pop(bucket, None)

    def remember(self, event: str) -> None:
        """Note an event that moved the tallies."""
        recent = self.recent
        if event not in recent:
            recent.append(event)
            del recent[:-RECENT]

    def events(self) -> tuple[str, ...]:
        """The events that the entity rests on, newest first, as far as remembered."""
        return tuple(self.journal.events()) or tuple(reversed(self.recent))


class Packed(msgspec.Struct, array_like=True, gc=False):
    """The form of an entity's column `journal` (MessagePack)."""

    facts: list[Fact]
    by_sequence: bool
    base: State
    base_count: int
    base_newest: tuple[int, int, int] | None
    shares: list[Share]
    derived: list[Derived]
    tallies: dict[str, int]
    recent: list[str]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Packed).decode


def pack(entity: Entity) -> bytes:
    """All that the ledger must know to go on with the entity."""
    journal = entity.journal
    return _encode(
        (
            journal.facts, journal.by_sequence, journal.base, journal.base_count, journal.base_newest,
            entity.shares, entity.derived, entity.tallies, entity.recent,
        )
    )  # fmt: skip


def unpack(entity: Entity, packed: bytes) -> None:
    """Fill the entity from its packed form."""
    form = _decode(packed)
    journal = entity.journal
    journal.facts, journal.by_sequence = form.facts, form.by_sequence
    journal.base, journal.base_count, journal.base_newest = form.base, form.base_count, form.base_newest
    journal.refold()
    entity.shares, entity.derived = form.shares, form.derived
    entity.tallies, entity.recent = form.tallies, form.recent
    entity.stored = True


class Surroundings(NamedTuple):
    """What a feature may ask for besides its own entity: the time, the network, and whether the site's feed is silent."""

    now: datetime
    network: Network
    silent: Callable[[str, str], bool]

    @property
    def today(self) -> int:
        """The UTC day, as a proleptic ordinal."""
        return self.now.toordinal()


class Kind(NamedTuple):
    """How one kind of entity behaves. `columns` gives the values of the table's own columns, in their order.

    `subject` says whether rules speak of it, and then `features` what they see and `open` whether time alone can change it.
    """

    name: str
    columns: Callable[[Entity], tuple[Any, ...]]
    shares: Callable[[Entity, Network], list[Share]] | None = None
    derived: Callable[[Entity, Network], list[Derived]] | None = None
    features: Callable[[Entity, Surroundings], dict[str, Any]] | None = None
    open: Callable[[Entity], bool] | None = None


def instant(micros: int | None) -> datetime | None:
    """The instant of microseconds since 1970."""
    return None if micros is None else EPOCH + timedelta(microseconds=micros)


def ordinal(micros: int) -> int:
    """The UTC day of microseconds since 1970, as a proleptic ordinal."""
    return 719_163 + micros // 86_400_000_000


def iso_ordinal(day: str) -> int:
    """The ordinal of an ISO day."""
    return date.fromisoformat(day).toordinal()


def days_after(now: datetime, micros: int) -> float:
    """How many days `now` is after an instant; negative when before."""
    return round(now.timestamp() - micros / 1e6, 3) / 86_400
