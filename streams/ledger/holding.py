"""The entities of a partition that are in hand: fetched when first met, kept while there is room, written when touched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, bindparam, select

from streams.ledger.entity import Entity, pack, unpack
from streams.ledger.journal import Journal
from streams.ledger.kinds import KINDS
from streams.ledger.named import Named
from streams.ledger.rows import Row, Writer
from streams.ledger.surely_new import Met
from streams.ledger.tables import ENTITIES

ROOM: Final = 8_000
"""Entities and facts of each kind that stay in memory between batches (an entity with one fact takes about 2.5 kB)."""

KEYS_A_LOOK: Final = 20_000
"""Keys that are read at once when a partition is taken over: a driver holds all rows of an answer in memory."""

SubjectKey = tuple[str, str]
"""(kind, key)."""

Touched = dict[str, dict[str, Entity]]
"""Entities by kind and key."""

_NO_TALLIES: Final[dict[str, int]] = {}
_writers = {kind: Writer(table) for kind, table in ENTITIES.items()}
_rows_of = {
    kind: Named(f"SELECT key, partner, site, score, journal FROM {table.name}", "key")  # noqa: S608 - our own names
    for kind, table in ENTITIES.items()
}
_removals = {kind: Named(f"DELETE FROM {table.name}", "key") for kind, table in ENTITIES.items()}  # noqa: S608


class Packed(NamedTuple):
    """Rows of one kind: that have none yet, that replace theirs, and the keys of those that lose theirs."""

    kind: str
    new: list[Row]
    old: list[Row]
    gone: list[str]


class Holding:
    """Entities by kind and key. What was not stored before is known without asking the database.

    `fetch` before `entity`; then change, mark as `touched`, `pack`, `write` in the transaction and `accept` once it is committed.
    After a failure the whole holding is dropped and loaded again.
    """

    def __init__(self) -> None:
        self._held: Touched = {kind: {} for kind in KINDS}
        self._met = {kind: Met(error=1e-3) for kind in KINDS}
        self.touched: Touched = {kind: {} for kind in KINDS}
        self._gone: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._weight = dict.fromkeys(KINDS, 0)

    def load(self, connection: Connection, sites: Iterable[str]) -> None:
        """Learn which keys of these sites are stored."""
        for kind, table in ENTITIES.items():
            for site in sites:
                for keys in _stored(connection, table, site):
                    self._met[kind].add(keys)

    def lacking(self, wanted: Iterable[SubjectKey]) -> dict[str, list[str]]:
        """By kind, the keys of those that may be stored and are not in hand."""
        strange: dict[str, list[str]] = {}
        held = self._held
        for kind, key in wanted:
            if key not in held[kind]:
                strange.setdefault(kind, []).append(key)
        return {kind: keys for kind, some in strange.items() if (keys := self._met[kind].of(some))}

    def fetch(self, connection: Connection, lacking: Mapping[str, Sequence[str]]) -> None:
        """Bring them in, if they are stored."""
        for kind, keys in lacking.items():
            held = self._held[kind]
            for key, partner, site, score, journal in _rows_of[kind].rows(connection, sorted(set(keys))):
                entity = held[key] = Entity(kind, key, partner, site, Journal.blank())
                entity.score = score
                unpack(entity, journal)
                self._weigh(kind, entity)

    def of(self, kind: str) -> Mapping[str, Entity]:
        """Those of a kind that are in hand, by key."""
        return self._held[kind]

    def entity(self, kind: str, key: str, partner: str, site: str) -> Entity:
        """It, or a new one."""
        held = self._held[kind]
        entity = held.get(key)
        if entity is None:
            entity = held[key] = Entity(kind, key, partner, site, Journal.blank(), (), (), _NO_TALLIES)
        return entity

    def touch(self, entity: Entity) -> None:
        """It has changed and must be written."""
        self.touched[entity.kind][entity.key] = entity

    def pack(self) -> list[Packed]:
        """What was touched, as rows: made before the transaction, which others may wait for."""
        packed: list[Packed] = []
        for name, entities in self.touched.items():
            if not entities:
                continue
            kind, new, old, gone = KINDS[name], list[Row](), list[Row](), list[str]()
            columns = kind.columns
            for entity in entities.values():
                journal = entity.journal
                self._weigh(name, entity)
                events = journal.base_count + len(journal.facts)
                if not events and not kind.rests_on_tallies:
                    if entity.stored:
                        gone.append(entity.key)
                    self._gone[name].append(entity.key)
                    continue
                row = (entity.key, entity.partner, entity.site, *columns(entity), events, entity.score, pack(entity))
                if entity.stored:
                    old.append(row)
                else:
                    new.append(row)
                    entity.stored = True  # once this is committed; otherwise the holding is dropped
            self._met[name].add([row[0] for row in new])
            packed.append(Packed(name, new, old, gone))
        return packed

    @staticmethod
    def write(connection: Connection, packed: Sequence[Packed]) -> None:
        """Write these rows; what nothing is known of any more loses its row."""
        for name, new, old, gone in packed:
            _writers[name].insert(connection, new)
            _writers[name].upsert(connection, old)
            _removals[name].run(connection, gone)

    def accept(self) -> None:
        """What was written is stored now; make room."""
        for name, held in self._held.items():
            for key in self._gone[name]:
                self._forget(name, key)
            self._gone[name] = []
            excess, oldest = self._weight[name] - ROOM, list[str]()
            for key, entity in held.items():
                if excess <= 0:
                    break
                excess -= entity.weight
                oldest.append(key)
            for key in oldest:
                self._forget(name, key)
            self.touched[name] = {}

    def _weigh(self, kind: str, entity: Entity) -> None:
        """What it takes: itself and its facts."""
        weight = 1 + len(entity.journal.facts)
        self._weight[kind] += weight - entity.weight
        entity.weight = weight

    def _forget(self, kind: str, key: str) -> None:
        entity = self._held[kind].pop(key, None)
        if entity is not None:
            self._weight[kind] -= entity.weight


def _stored(connection: Connection, table: Table, site: str) -> Iterator[Sequence[str]]:
    """The keys of a site that are stored, some at a time."""
    column, after = table.c.key, f"{site}/"
    within = (column > bindparam("after")) & (column < f"{site}0")  # "0" follows "/" in every byte order
    statement = select(column).where(within).order_by(column).limit(KEYS_A_LOOK)
    while keys := connection.execute(statement, {"after": after}).scalars().all():
        yield keys
        after = keys[-1]
