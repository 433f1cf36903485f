"""Whatever is done to the trail behind the service's back is found, and the first bad entry is named.

Taken out, each protection fails a test: see the docstrings. `checkpoints=False` shows what hashes alone do not find.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from alerting.audit.checkpoint_store import CheckpointFile
from alerting.audit.checkpointing import TrailBrokenError
from alerting.audit.entry import instant, json_of
from alerting.audit.keys import SigningKey
from alerting.tables import audit
from tests.integration.alerting.audit.trail import DESK, LEDGER, LINKS, Trail, sealed_anew, signed_anew


@pytest.fixture
def trail(open_trail: Trail) -> Trail:
    return open_trail


FLIPPED: dict[str, Any] = {
    "at": "2026-11-23 08:05:00.000006", "zone": "UTC", "actor": "b.rao", "authenticated": "cli", "on_behalf_of": None,
    "source": "api", "action": "alert.resolved", "object": "alert/0", "version": "", "old": '{"score":71.5}',
    "new": '{"score":71.5,"state":"acknowledged","until":"2026-12-01"}', "reason": "", "correlation": None,
    "rulebook": "1f2e3e", "inputs": "ab" * 31 + "ac", "previous": "f" * 64, "hash": "f" * 64, "key_id": None,
}  # fmt: skip


def test_a_trail_that_nobody_touched_is_whole(trail: Trail) -> None:
    found = trail.verified()
    assert (found.faults, found.notes) == ([], [])
    assert (found.entries, found.checkpoints) == (36, 3)
    assert {chain: end.sequence for chain, end in found.chains.items()} == {LEDGER: 12, DESK: 12, LINKS: 12}
    assert found.covered == {LEDGER: 12, DESK: 12, LINKS: 12}
    last = CheckpointFile(trail.path).last()
    assert last is not None
    assert found.last_checkpoint == last.hash


def test_all_fields_are_tried() -> None:
    assert set(FLIPPED) == {column.name for column in audit.c} - {"chain", "sequence"}


def test_each_changed_field_is_found(trail: Trail) -> None:
    """Fails for a field that is left out of FIELDS in alerting.audit.entry, also without checkpoints."""
    rows = trail.rows(DESK)
    for field, value in FLIPPED.items():
        trail.change(DESK, 6, **{field: value})
        assert (field, trail.faults()) == (field, [(DESK, 6)])
        assert (field, trail.faults(checkpoints=False)) == (field, [(DESK, 6)])
        trail.replace(rows, DESK)


def test_an_entry_moved_to_another_place_or_chain_is_found(trail: Trail) -> None:
    """Fails when chain and sequence are not hashed."""
    trail.change(DESK, 6, chain="other")
    trail.change(LINKS, 12, sequence=13)
    assert trail.faults() == [(DESK, 6), (LINKS, 12), ("other", 1)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("old", '{ "score":71.5,"state":"open"}'), ("old", '{"score":71.50,"state":"open"}'), ("new", "no JSON")],
)
def test_json_that_is_only_spelt_otherwise_is_found(trail: Trail, field: str, value: str) -> None:
    """Fails when the parsed value is hashed in place of the text: a name that is there twice would pass."""
    trail.change(DESK, 6, **{field: value})
    assert trail.faults() == [(DESK, 6)]


def test_an_entry_that_cannot_even_be_read_is_named(trail: Trail) -> None:
    """Fails without the second look, entry by entry, in alerting.audit.stored."""
    postgresql = trail.engine.dialect.name == "postgresql"
    trail.change(DESK, 6, at="infinity" if postgresql else "yesterday")
    trail.change(LINKS, 3, at="infinity" if postgresql else "2026-11-23T08:03:00.000003")
    assert trail.faults() == [(LINKS, 3), (DESK, 6)]
    assert all("cannot be read" in fault.what for fault in trail.verified().faults)


@pytest.mark.parametrize(("gone", "first"), [((1, 2), 1), ((6,), 6), ((5, 6, 7, 8, 9), 5)])
def test_entries_deleted_at_the_head_and_in_the_middle_are_found(
    trail: Trail, gone: tuple[int, ...], first: int
) -> None:
    """Fails when numbers are not compared."""
    trail.replace([row for row in trail.rows(DESK) if row["sequence"] not in gone], DESK)
    assert trail.faults() == [(DESK, first)]
    assert trail.faults(checkpoints=False) == [(DESK, first)]


@pytest.mark.parametrize("left", [11, 9, 1])
def test_a_tail_that_was_cut_off_is_found_by_the_checkpoints(trail: Trail, left: int) -> None:
    """Fails without checkpoints, as the last line shows: what is left is a chain."""
    trail.replace([row for row in trail.rows(DESK) if row["sequence"] <= left], DESK)
    assert trail.faults() == [(DESK, left + 1)]
    assert trail.faults(checkpoints=False) == []


def test_a_chain_that_is_gone_is_found_by_the_checkpoints(trail: Trail) -> None:
    trail.replace([], DESK)
    assert trail.faults() == [(DESK, 1)]
    trail.replace([])
    assert sorted(trail.faults()) == [(DESK, 1), (LINKS, 1), (LEDGER, 1)]


def test_entries_that_changed_places_are_found(trail: Trail) -> None:
    """Fails when neither number nor previous hash is hashed."""
    rows = trail.rows(DESK)
    rows[5], rows[8] = rows[8] | {"sequence": 6}, rows[5] | {"sequence": 9}
    trail.replace(rows, DESK)
    assert trail.faults() == [(DESK, 6)]


@pytest.mark.parametrize("number", [0, -3, 13])
def test_an_entry_put_in_before_or_behind_is_found(trail: Trail, number: int) -> None:
    forged = trail.rows(DESK)[5] | {"sequence": number}
    trail.replace([*trail.rows(DESK), forged], DESK)
    assert trail.faults() == [(DESK, number)]


def test_an_entry_put_in_between_is_found(trail: Trail) -> None:
    """It fits what is before, by a hash of its own; what comes after does not fit it."""
    rows = trail.rows(DESK)
    forged = sealed_anew([*rows[:5], rows[5] | {"reason": "never said"}])[5]
    moved = [row | {"sequence": row["sequence"] + 1} for row in rows[5:]]
    trail.replace([*rows[:5], forged, *moved], DESK)
    assert trail.faults(checkpoints=False) == [(DESK, 7)]
    trail.replace([*rows[:5], forged, *rows[6:]], DESK)
    assert trail.faults(checkpoints=False) == [(DESK, 7)]
    assert "does not follow on entry 6" in trail.verified().faults[0].what


def test_a_chain_written_anew_without_the_key_is_found_by_the_checkpoints(trail: Trail) -> None:
    """Fails without checkpoints: the hashes are those of what it says now."""
    rows = trail.rows(DESK)
    rows[5] |= {"reason": "never said"}
    trail.replace(sealed_anew(rows), DESK)
    assert trail.faults(checkpoints=False) == []
    (fault,) = trail.verified().faults
    assert (fault.chain, fault.sequence) == (DESK, 5)  # the first that the checkpoint at 4 does not vouch for
    assert "up to 8" in fault.what


def test_checkpoints_by_a_key_of_ones_own_help_nobody(trail: Trail, tmp_path: Path) -> None:
    """Fails when the keys to trust are taken from the checkpoints themselves."""
    trail.replace(sealed_anew([row | {"actor": "nobody"} for row in trail.rows(DESK)]), DESK)
    signed_anew(trail, SigningKey.new(), tmp_path / "forged.jsonl")
    assert trail.faults(tmp_path / "forged.jsonl") == [(None, None), (None, None)]
    assert "whose public key was not given" in trail.verified(tmp_path / "forged.jsonl").faults[0].what


def test_a_chain_written_anew_with_the_key_does_not_fit_the_checkpoints_that_are_there(trail: Trail) -> None:
    trail.replace(sealed_anew([row | {"actor": "nobody"} for row in trail.rows(DESK)]), DESK)
    with pytest.raises(TrailBrokenError, match="chain desk, entry 12"):
        trail.checkpoint()
    assert trail.faults() == [(DESK, 1)]


def test_all_written_anew_with_the_key_is_found_by_a_copy_or_a_noted_hash(trail: Trail, tmp_path: Path) -> None:
    """Fails, as the third line from the end shows, where all checkpoints lie in the reach of whoever has the key."""
    copy = tmp_path / "copy.jsonl"
    shutil.copy(trail.path, copy)
    noted = trail.verified().last_checkpoint
    assert noted is not None
    trail.replace(sealed_anew([row | {"actor": "nobody"} for row in trail.rows(DESK)]), DESK)
    trail.path.unlink()
    signed_anew(trail, trail.key, trail.path)
    assert trail.faults() == []
    assert trail.faults(copy) == [(DESK, 1)]
    assert trail.faults(witnesses=[noted]) == [(None, None)]


def test_an_old_backup_is_found_however_it_goes_on(trail: Trail) -> None:
    backup = trail.rows()
    for number in (13, 14):
        trail.grow(number)
    assert trail.checkpoint() is not None
    trail.replace(backup)
    assert sorted(trail.faults()) == [(DESK, 13), (LINKS, 13), (LEDGER, 13)]
    for number in (15, 16, 17):
        trail.grow(number)
    assert sorted(trail.faults()) == [(DESK, 13), (LINKS, 13), (LEDGER, 13)]
    assert trail.faults(checkpoints=False) == []
    with pytest.raises(TrailBrokenError):
        trail.checkpoint()


def test_what_no_checkpoint_saw_yet_is_told_apart(trail: Trail) -> None:
    trail.grow(13)
    found = trail.verified()
    assert found.faults == []
    assert (found.chains[DESK].sequence, found.covered[DESK]) == (13, 12)


def test_checkpoints_that_are_gone_empty_or_cut_in_the_middle_are_faults(trail: Trail) -> None:
    lines = trail.path.read_bytes().splitlines(keepends=True)
    trail.path.unlink()
    assert trail.faults() == [(None, None)]
    trail.path.write_bytes(b"")
    assert "holds no checkpoint" in trail.verified().faults[0].what
    trail.path.write_bytes(lines[0] + lines[2])
    assert "number 3, and 2 should come here" in trail.verified().faults[0].what
    trail.path.write_bytes(lines[0] + lines[1] + b"cut\n")
    assert "line 3: this is no checkpoint" in trail.verified().faults[0].what


def test_a_checkpoint_cut_as_it_was_written_is_a_note_and_no_fault(trail: Trail) -> None:
    lines = trail.path.read_bytes().splitlines(keepends=True)
    trail.path.write_bytes(lines[0] + lines[1][:50])
    found = trail.verified()
    assert (found.faults, len(found.notes)) == ([], 1)
    trail.path.write_bytes(lines[0] + lines[1][:50] + b"\n" + lines[1] + lines[2])
    found = trail.verified()
    assert (found.faults, len(found.notes), found.checkpoints) == ([], 1, 3)


def test_verification_holds_a_page_of_each_chain_and_no_more(trail: Trail) -> None:
    """Fails when a chain is read whole: then a page would be asked for with more than is left of the one before."""
    asked: list[tuple[str, int | None]] = []

    def small(chain: str, after: int | None) -> Any:
        asked.append((chain, after))
        rows = [row for row in trail.rows(chain) if after is None or row["sequence"] > after][:3]
        return [row | _raw(row) for row in rows]

    found = trail.verified(page=small)
    assert (found.faults, found.entries) == ([], 36)
    assert [after for chain, after in asked if chain == DESK][:4] == [None, 3, 6, 9]


def _raw(row: dict[str, Any]) -> dict[str, Any]:
    return {"at": instant(row["at"]), "old": json_of(row["old"]), "new": json_of(row["new"])}


def test_the_database_as_it_lies_is_what_is_checked(trail: Trail) -> None:
    """Without our own types in between: what a plain client reads is what was hashed."""
    with trail.engine.begin() as connection:
        old = connection.execute(text("select old from audit where chain = 'desk' and sequence = 1")).scalar()
    assert old == '{"score":71.5,"state":"open"}'
