"""A checkpoint is made only of a trail that goes on from the last one and is whole; keys may change."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from alerting.audit.checkpoint import CheckpointFault
from alerting.audit.checkpoint_store import CheckpointFile
from alerting.audit.checkpointing import TrailBrokenError
from alerting.audit.keys import SigningKey
from tests.integration.alerting.audit.trail import DESK, LEDGER, LINKS, Trail, on_postgres, signed_anew


def test_nothing_new_makes_no_checkpoint(grown: Trail) -> None:
    before = grown.path.read_bytes()
    assert grown.checkpoint() is None
    assert grown.path.read_bytes() == before


def test_only_what_came_since_is_read_and_a_fault_in_it_stops_the_signing(open_trail: Trail) -> None:
    """Fails without the walk before signing: a checkpoint would vouch for a broken chain."""
    open_trail.grow(13)
    open_trail.change(DESK, 13, reason="never said")
    open_trail.change(LINKS, 2, reason="never said")  # before the last checkpoint: for `verify` to find
    before = open_trail.path.read_bytes()
    with pytest.raises(TrailBrokenError) as broken:
        open_trail.checkpoint()
    assert [(fault.chain, fault.sequence) for fault in broken.value.faults] == [(DESK, 13)]
    assert open_trail.path.read_bytes() == before


def test_a_chain_that_is_gone_or_shorter_stops_the_signing(open_trail: Trail) -> None:
    open_trail.replace([], DESK)
    open_trail.replace(open_trail.rows(LINKS)[:9], LINKS)
    open_trail.grow(13)
    with pytest.raises(TrailBrokenError) as broken:
        open_trail.checkpoint()
    assert [(fault.chain, fault.sequence) for fault in broken.value.faults] == [(DESK, 12), (LINKS, 12)]


def test_the_checkpoint_of_a_stranger_is_not_followed(open_trail: Trail) -> None:
    open_trail.path.unlink()
    signed_anew(open_trail, SigningKey.new(), open_trail.path)
    open_trail.grow(13)
    with pytest.raises(CheckpointFault, match="whose public key was not given"):
        open_trail.checkpoint()


def test_a_key_takes_the_place_of_another(open_trail: Trail) -> None:
    """Entries name the key of their time; checkpoints of both are good, those of the old one up to the change."""
    old = open_trail.key
    open_trail.key = SigningKey.new()
    open_trail.keys[open_trail.key.public.id] = open_trail.key.public
    made = open_trail.checkpoint()
    assert made is not None  # at once, though nothing was written: from here on the old key is good for nothing more
    open_trail.grow(13)
    assert open_trail.checkpoint() is not None
    found = open_trail.verified()
    assert (found.faults, found.notes, found.checkpoints) == ([], [], 5)
    assert [row["key_id"] for row in open_trail.rows(DESK)[11:]] == [old.public.id, open_trail.key.public.id]
    del open_trail.keys[old.public.id]
    faults = open_trail.verified().faults
    assert f"signed by key {old.public.id}, whose public key was not given" in faults[0].what


def test_checkpoints_tie_the_ends_of_all_chains_together(grown: Trail) -> None:
    last = CheckpointFile(grown.path).last()
    assert last is not None
    ends = {chain: (end.sequence, end.hash) for chain, end in last.ends.items()}
    assert ends == {chain: (12, grown.rows(chain)[-1]["hash"]) for chain in (DESK, LEDGER, LINKS)}


@on_postgres
def test_with_the_grants_of_the_page_the_service_can_add_and_nothing_else(grown: Trail) -> None:
    """Those of docs/audit.md, by a role of the test's own; the triggers are not even asked. SQLite has no accounts."""
    with grown.engine.begin() as connection:
        connection.execute(text("create role writer"))
        connection.execute(text("revoke all on audit from writer"))
        connection.execute(text("grant select, insert on audit to writer"))
    try:
        for change in ("update audit set reason = null", "delete from audit", "truncate audit", "drop table audit",
                       "alter table audit disable trigger all"):  # fmt: skip
            refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
            with refused, grown.engine.begin() as connection:
                connection.execute(text("set local role writer"))
                connection.execute(text(change))
    finally:
        with grown.engine.begin() as connection:
            connection.execute(text("drop owned by writer"))
            connection.execute(text("drop role writer"))
    assert grown.faults() == []
