"""Checkpoints are signed, linked, and kept so that a torn one harms none."""

import json
from pathlib import Path
from typing import Any

import pytest

from alerting.audit import End
from alerting.audit.checkpoint import Checkpoint, CheckpointFault, Succession, read, sign
from alerting.audit.checkpoint_store import CheckpointFile, CheckpointFolder, CheckpointStore, store_at
from alerting.audit.keys import KeyFault, PublicKey, SigningKey
from alerting.canonical import canonical
from tests.unit.alerting.audit.trails import MONDAY

KEY, NEXT_KEY, STRANGER = SigningKey.new(), SigningKey.new(), SigningKey.new()
TRUSTED = {key.public.id: key.public for key in (KEY, NEXT_KEY)}


def ends(sequence: int) -> dict[str, End]:
    return {"desk": End(sequence, f"{sequence:064x}"), "scrm.events.v1/0": End(3, "c" * 64)}


def three(*keys: SigningKey) -> list[Checkpoint]:
    made: list[Checkpoint] = []
    for number in (1, 2, 3):
        key = keys[number - 1] if keys else KEY
        made.append(sign(key, made[-1] if made else None, ends(number), MONDAY, "bellwether/a"))
    return made


def take_all(checkpoints: list[Checkpoint]) -> Succession:
    succession = Succession(TRUSTED)
    for checkpoint in checkpoints:
        succession.take(read(checkpoint.line))
    return succession


def test_checkpoints_follow_one_another() -> None:
    made = three()
    last = take_all(made).last
    assert last is not None
    assert (last.said.number, last.said.previous, last.ends) == (3, made[1].hash, ends(3))


FORGERIES: dict[str, Any] = {
    "number": 9, "at": "2020-01-01T00:00:00.000000Z", "writer": "other", "previous": "f" * 64, "key_id": "0" * 16,
    "ends": {"desk": [2, "f" * 64]}, "format": 2,
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(FORGERIES))
def test_a_checkpoint_with_another_field_is_not_trusted(field: str) -> None:
    """Fails for each field when `check_signature` is left out of `Succession.take` (for number and previous the links
    tell, too)."""
    first, second, _ = three()
    forged = canonical(json.loads(second.line) | {field: FORGERIES[field]})
    succession = take_all([first])
    with pytest.raises(CheckpointFault):
        succession.take(read(forged))


def test_a_checkpoint_by_a_stranger_is_not_trusted_under_any_name() -> None:
    first, *_ = three()
    theirs = sign(STRANGER, first, ends(2), MONDAY, "bellwether/a")
    with pytest.raises(CheckpointFault, match="whose public key was not given"):
        take_all([first, theirs])
    named = canonical(json.loads(theirs.line) | {"key_id": KEY.public.id})
    with pytest.raises(CheckpointFault, match=f"not that of key {KEY.public.id}"):
        take_all([first]).take(read(named))


def test_one_that_is_missing_or_twice_there_is_noticed() -> None:
    first, second, third = three()
    with pytest.raises(CheckpointFault, match="number 3, and 2 should come here"):
        take_all([first, third])
    with pytest.raises(CheckpointFault, match="number 2, and 1 should come here"):
        take_all([second])
    with pytest.raises(CheckpointFault, match="number 2, and 3 should come here"):
        take_all([first, second, second, third])


def test_one_that_was_replaced_by_the_owner_of_the_key_does_not_fit_the_next() -> None:
    """Fails when `previous` is not compared: the key alone would do to rewrite one in the middle."""
    first, _, third = three()
    other = sign(KEY, first, ends(2), MONDAY, "bellwether/b")
    with pytest.raises(CheckpointFault, match="does not follow on number 2"):
        take_all([first, other, third])


def test_a_chain_never_gets_shorter() -> None:
    first, second, _ = three()
    with pytest.raises(CheckpointFault, match="chain desk ends before entry 2"):
        take_all([first, second, sign(KEY, second, ends(1), MONDAY, "bellwether/a")])


def test_keys_follow_one_another_and_an_old_one_does_not_come_back() -> None:
    """Fails without the set of retired keys: a key that was stolen would be good for ever."""
    take_all(three(KEY, NEXT_KEY, NEXT_KEY))
    with pytest.raises(CheckpointFault, match="after another had taken its place"):
        take_all(three(KEY, NEXT_KEY, KEY))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "one way"),
        (b"{}", "fields of a checkpoint"),
        (b'{"signature":"*"}', "fields of a checkpoint"),
        (b'{"a":1,"a":2}', "one way"),
    ],
)
def test_other_text_is_no_checkpoint(line: bytes, why: str) -> None:
    with pytest.raises(CheckpointFault, match=why):
        read(line)


def test_a_line_has_one_spelling() -> None:
    """Fails without the comparison with the canonical text: a name could be there twice, for two readers."""
    first, *_ = three()
    with pytest.raises(CheckpointFault, match="one way"):
        read(json.dumps(json.loads(first.line), indent=1).encode())


@pytest.fixture(params=["file", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointStore:
    path = tmp_path / "checkpoints"
    if request.param == "folder":
        path.mkdir()
    found = store_at(path)
    assert isinstance(found, CheckpointFolder if request.param == "folder" else CheckpointFile)
    return found


def test_a_store_gives_back_what_was_put_in(store: CheckpointStore) -> None:
    made = three()
    assert store.last() is None
    for checkpoint in made:
        with store.alone():
            store.add(checkpoint)
        assert store.last() == checkpoint
    assert [place.line for place in store.places()] == [checkpoint.line for checkpoint in made]
    assert [place.line for place in store.newest()] == [checkpoint.line for checkpoint in reversed(made)]


def test_what_is_added_while_somebody_reads_is_left_for_the_next_time(store: CheckpointStore) -> None:
    first, second, _ = three()
    store.add(first)
    places = store.places()
    store.add(second)
    assert [place.line for place in places] == [first.line]


def test_a_number_is_never_written_twice_into_a_folder(tmp_path: Path) -> None:
    first, *_ = three()
    CheckpointFolder(tmp_path).add(first)
    with pytest.raises(FileExistsError):
        CheckpointFolder(tmp_path).add(sign(STRANGER, None, ends(9), MONDAY, "another"))
    assert CheckpointFolder(tmp_path).last() == first


def test_a_file_whose_last_line_was_cut_goes_on_behind_it(tmp_path: Path) -> None:
    first, second, _ = three()
    file = tmp_path / "checkpoints.jsonl"
    file.write_bytes(first.line + b"\n" + second.line[:40])
    store = CheckpointFile(file)
    assert store.last() == first
    store.add(second)
    assert store.last() == second
    assert [place.line for place in store.places()] == [first.line, second.line[:40], second.line]


def test_a_long_file_is_read_from_its_end_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    lines = [b"%d" % number * 30_000 for number in range(1, 10)]
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    assert [place.line for place in CheckpointFile(file).newest()] == lines[::-1]


def test_keys_come_back_from_their_files_and_a_private_one_never_shows() -> None:
    assert SigningKey.read(KEY.pem, "a file").public.id == KEY.public.id
    assert PublicKey.read(KEY.public.pem, "a file").id == KEY.public.id
    assert repr(KEY) == f"SigningKey({KEY.public.id})"
    for wrong in (b"", b"nonsense", KEY.public.pem):
        with pytest.raises(KeyFault, match=r"^here: this is no private key"):
            SigningKey.read(wrong, "here")
    with pytest.raises(KeyFault, match=r"^here: this is no public key"):
        PublicKey.read(KEY.pem, "here")
