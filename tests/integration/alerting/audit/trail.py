"""A trail to tamper with: by somebody who may do anything in the database, and take away its protection."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text

from alerting.audit import START, append, read_end, seal
from alerting.audit.chain import chains
from alerting.audit.checkpoint import Checkpoint, sign
from alerting.audit.checkpoint_store import CheckpointFile, store_at
from alerting.audit.checkpointing import next_checkpoint
from alerting.audit.entry import Row, digest, instant, json_of
from alerting.audit.keys import PublicKey, SigningKey
from alerting.audit.stored import pages
from alerting.audit.verification import Verification, Verified
from alerting.database import reading
from alerting.tables import audit
from tests.unit.alerting.audit.trails import MONDAY, an_entry

LEDGER, DESK, LINKS = "scrm.events.v1/0", "desk", "links"

on_postgres = pytest.mark.parametrize("grown", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
"""For tests of what SQLite does not have."""


class Trail:
    """The database, the checkpoints outside of it, and the key that signs them."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.path = path
        self.key = SigningKey.new()
        self.keys: dict[str, PublicKey] = {self.key.public.id: self.key.public}

    def grown(self) -> "Trail":
        """Twelve entries a chain; a checkpoint at 4, 8 and 12."""
        for number in range(1, 13):
            self.grow(number)
            if number % 4 == 0:
                assert self.checkpoint() is not None
        return self

    def grow(self, number: int) -> None:
        with self.engine.begin() as connection:
            rows, _ = seal(LEDGER, read_end(connection, LEDGER), [an_entry(number)], self.key.public.id)
            connection.execute(insert(audit), rows)
            for chain in (DESK, LINKS):
                append(connection, chain, [an_entry(number)], self.key.public.id)

    def checkpoint(self) -> Checkpoint | None:
        return next_checkpoint(self.engine, store_at(self.path), self.key, self.keys, MONDAY, "bellwether/a")

    def verified(
        self, path: Path | None = None, *, checkpoints: bool = True, witnesses: Iterable[str] = (), page: Any = None
    ) -> Verified:
        with reading(self.engine) as connection:
            names = list(chains(connection))
        verification = Verification(names, page or pages(self.engine), self.keys, lambda _: None)
        if checkpoints:
            verification.follow(store_at(path or self.path), witnesses)
        return verification.finish()

    def faults(self, path: Path | None = None, **how: Any) -> list[tuple[str | None, int | None]]:
        """Chain and number of the first bad entries; Nones for a fault of the checkpoints."""
        return [(fault.chain, fault.sequence) for fault in self.verified(path, **how).faults]

    def unprotect(self) -> None:
        """What somebody with all rights in the database does first."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("alter table audit disable trigger all"))
            else:
                for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
                    connection.execute(text(f"drop trigger if exists {name}"))

    def rows(self, chain: str | None = None) -> list[Row]:
        wanted = select(audit).order_by(audit.c.chain, audit.c.sequence)
        with reading(self.engine) as connection:
            rows = [dict(row) for row in connection.execute(wanted).mappings()]
        return [row for row in rows if chain is None or row["chain"] == chain]

    def replace(self, rows: Sequence[Row], chain: str | None = None) -> None:
        """Make these the rows of the chain, or of all."""
        self.unprotect()
        gone = delete(audit) if chain is None else delete(audit).where(audit.c.chain == chain)
        with self.engine.begin() as connection:
            connection.execute(gone)
            if rows:
                connection.execute(insert(audit), list(rows))

    def change(self, of_chain: str, of_sequence: int, **values: Any) -> None:
        """Change one entry in place, by plain SQL: nothing of ours looks at the values."""
        self.unprotect()
        sets = ", ".join(f'"{name}" = :{name}' for name in values)
        with self.engine.begin() as connection:
            connection.execute(
                text(f"update audit set {sets} where chain = :of_chain and sequence = :of_sequence"),
                values | {"of_chain": of_chain, "of_sequence": of_sequence},
            )


def sealed_anew(rows: Sequence[Row]) -> list[Row]:
    """Rows numbered and hashed so that they are a chain without a fault."""
    anew: list[Row] = []
    end = START.hash
    for number, row in enumerate(rows, 1):
        now = row | {"sequence": number, "previous": end}
        end = digest(now | {"at": instant(row["at"]), "old": json_of(row["old"]), "new": json_of(row["new"])})
        anew.append(now | {"hash": end})
    return anew


def signed_anew(trail: Trail, key: SigningKey, path: Path) -> None:
    """Checkpoints over what the database says now, as if there had never been others."""
    with reading(trail.engine) as connection:
        ends = {chain: read_end(connection, chain) for chain in chains(connection)}
    CheckpointFile(path).add(sign(key, None, ends, MONDAY, "bellwether/a"))
