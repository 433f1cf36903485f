"""The entities of a partition that are in hand: fetched when first met, kept while there is room, written when touched."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, select

from streams.ledger.entity import Entity, pack, unpack
from streams.ledger.kinds import KINDS
from streams.ledger.rows import Row, Writer
from streams.ledger.surely_new import Met
from streams.ledger.tables import ENTITIES

ROOM: Final = 10_000
"""Entities of each kind that stay in memory between batches (about 2.5 kB each)."""

KEYS_A_LOOK: Final = 500

_writers = {kind: Writer(table) for kind, table in ENTITIES.items()}


class Holding:
    """Entities by kind and key. What was not stored before is known without asking the database.

    `fetch` before `entity`; then change, mark as `touched`, `write` in the transaction and `accept` once it is committed.
    After a failure the whole holding is dropped and loaded again.
    """

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Entity]] = {kind: {} for kind in KINDS}
        self._met = {kind: Met(error=1e-3) for kind in KINDS}
        self.touched: dict[str, dict[str, Entity]] = {kind: {} for kind in KINDS}

    def load(self, connection: Connection, sites: Iterable[str]) -> None:
        """Learn which keys of these sites are stored."""
        for kind, table in ENTITIES.items():
            for site in sites:
                within = (table.c.key >= f"{site}/") & (table.c.key < f"{site}0")  # "0" follows "/" in every byte order
                keys = connection.execution_options(stream_results=True).execute(select(table.c.key).where(within))
                for chunk in keys.scalars().partitions(50_000):
                    self._met[kind].add(chunk)

    def fetch(self, connection: Connection, wanted: Iterable[tuple[str, str]]) -> None:
        """Bring in those that may be stored and are not in hand."""
        missing: dict[str, set[str]] = {}
        for kind, key in wanted:
            if key not in self._held[kind] and key in self._met[kind]:
                missing.setdefault(kind, set()).add(key)
        for kind, keys in missing.items():
            table, held, asked = ENTITIES[kind], self._held[kind], sorted(keys)
            for start in range(0, len(asked), KEYS_A_LOOK):
                within = table.c.key.in_(asked[start : start + KEYS_A_LOOK])
                rows = connection.execute(
                    select(table.c.key, table.c.partner, table.c.site, table.c.score, table.c.journal).where(within)
                )
                for key, partner, site, score, journal in rows:
                    entity = held[key] = Entity(kind, key, partner, site)
                    entity.score = score
                    unpack(entity, journal)

    def lacks(self, kind: str, key: str) -> bool:
        """Whether it must be fetched before it is used."""
        return key not in self._held[kind] and key in self._met[kind]

    def known(self, kind: str, key: str) -> Entity | None:
        """It, if it exists and is in hand."""
        return self._held[kind].get(key)

    def entity(self, kind: str, key: str, partner: str, site: str) -> Entity:
        """It, or a new one."""
        held = self._held[kind]
        entity = held.get(key)
        if entity is None:
            entity = held[key] = Entity(kind, key, partner, site)
        return entity

    def touch(self, entity: Entity) -> None:
        """It has changed and must be written."""
        self.touched[entity.kind][entity.key] = entity

    def write(self, connection: Connection) -> None:
        """Write what was touched."""
        for kind, entities in self.touched.items():
            if entities:
                new: list[Row] = []
                old: list[Row] = []
                columns = KINDS[kind].columns
                for entity in entities.values():
                    row = (
                        entity.key, entity.partner, entity.site, *columns(entity),
                        entity.journal.count, entity.score, pack(entity),
                    )  # fmt: skip
                    (old if entity.stored else new).append(row)
                _writers[kind].insert(connection, new)
                _writers[kind].upsert(connection, old)

    def accept(self) -> None:
        """What was written is stored now; make room."""
        for kind, entities in self.touched.items():
            if not entities:
                continue
            self._met[kind].add([key for key, entity in entities.items() if not entity.stored])
            for entity in entities.values():
                entity.stored = True
            held = self._held[kind]
            surplus = len(held) - ROOM
            if surplus > 0:
                for key in list(held)[:surplus]:
                    del held[key]
            self.touched[kind] = {}
