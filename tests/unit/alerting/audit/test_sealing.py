"""An entry's hash covers every field and the entry before."""

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from alerting.audit import START, End, Entry, hash_of, seal
from alerting.audit.entry import FIELDS, TEXTS, digest, instant, json_of
from alerting.canonical import NotCanonicalError
from alerting.tables import audit
from tests.unit.alerting.audit.test_canonical_json import json_values
from tests.unit.alerting.audit.trails import MONDAY, an_entry

texts = st.none() | st.text()


@given(st.fixed_dictionaries(dict.fromkeys(TEXTS, texts)), json_values, json_values, st.integers(0, 2**53 - 1))
def test_the_hash_is_that_of_the_canonical_json_of_all_fields(said: dict[str, Any], old: Any, new: Any, n: int) -> None:
    """`digest` puts the text together by itself, for speed; here it is compared with the library's. Fails when a field
    is left out of FIELDS, or their order is not that of RFC 8785."""
    whole = said | {"old": old, "new": new, "sequence": n}
    row = said | {"old": json_of(old), "new": json_of(new), "sequence": n}
    assert digest(row) == sha256(rfc8785.dumps(whole)).hexdigest()


def test_every_column_is_hashed_but_the_hash() -> None:
    """Fails for a column that is added to the table and not to FIELDS."""
    assert set(FIELDS) == {column.name for column in audit.c} - {"hash"}


def test_a_chain_begins_at_the_start_and_each_entry_names_the_one_before() -> None:
    rows, end = seal("desk", START, [an_entry(1), an_entry(2)], "k1")
    assert [(row["chain"], row["sequence"], row["key_id"]) for row in rows] == [("desk", 1, "k1"), ("desk", 2, "k1")]
    assert rows[0]["previous"] == "0" * 64
    assert rows[1]["previous"] == rows[0]["hash"]
    assert end == End(2, rows[1]["hash"])


def test_sealing_in_pieces_gives_the_same_chain() -> None:
    whole, end = seal("desk", START, [an_entry(1), an_entry(2)], None)
    first, middle = seal("desk", START, [an_entry(1)], None)
    second, again = seal("desk", middle, [an_entry(2)], None)
    assert (first + second, again) == (whole, end)


def test_the_same_words_in_another_chain_have_another_hash() -> None:
    """Fails when the chain is not hashed: a chain could be passed off as another."""
    (here,), _ = seal("desk", START, [an_entry()], None)
    (there,), _ = seal("links", START, [an_entry()], None)
    assert here["hash"] != there["hash"]


@pytest.mark.parametrize(
    "entry",
    [an_entry(new={"score": float("nan")}), an_entry(old={"number": 2**60}), an_entry(reason="\ud800")],
)
def test_what_no_hash_can_be_made_of_is_refused(entry: Entry) -> None:
    with pytest.raises(NotCanonicalError):
        seal("desk", START, [entry], None)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        seal("desk", START, [an_entry(at=MONDAY.replace(tzinfo=None))], None)
    assert instant(MONDAY) == "2026-11-23T08:00:00.000000Z"


def test_inputs_hash_alike_however_they_are_spelt() -> None:
    assert hash_of({"b": 1.0, "a": ["erp 17"]}) == hash_of(json.loads('{"a": ["erp 17"], "b": 1}'))
