"""A problem of a YAML file is told with the line and the column where a person finds it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.documents import Document, DocumentError, Place, Problem, did_you_mean

TEXT = """\
# a comment
site: BSL
lines:
  - name: L1
    hours: 120
  - name: 'it''s L2'
    hours: "ninety"
note: >-
  one two
  three
day: 2026-05-03
off: no
"""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    hours: float = 40.0


class Plant(msgspec.Struct):
    lines: Mapping[str, Line] = {}
    spare: tuple[Line, ...] = ()


def problem_of(text: str, kind: type = Plant) -> str:
    with pytest.raises(DocumentError) as caught:
        Document.parse(text, "f.yaml").convert(kind)
    return str(caught.value)


def test_a_file_is_plain_values_by_yaml_1_2_and_dates_stay_text() -> None:
    value = Document.parse(TEXT, "f.yaml").value
    assert value["lines"][1] == {"name": "it's L2", "hours": "ninety"}
    assert (value["note"], value["day"], value["off"]) == ("one two three", "2026-05-03", "no")


def test_each_value_and_key_knows_its_place() -> None:
    document = Document.parse(TEXT, "f.yaml")
    assert document.place(("lines", 1, "hours")) == Place(7, 12)
    assert document.place(("lines", 1, "hours"), of_key=True) == Place(7, 5)
    assert document.place(("lines", 0, "missing")) == Place(4, 5)


@pytest.mark.parametrize(
    ("path", "word", "place"),
    [(("note",), "three", Place(10, 3)), (("note",), "two", Place(9, 7)), (("lines", 1, "name"), "L2", Place(6, 18))],
)
def test_a_character_of_a_folded_or_quoted_text_knows_its_place(path: tuple[str, ...], word: str, place: Place) -> None:
    document = Document.parse(TEXT, "f.yaml")
    assert document.place_in_text(path, document.at(path).index(word)) == place


def test_a_wrong_type_is_told_at_its_value() -> None:
    assert problem_of("lines:\n  L1: {name: a}\n  L2: {name: b, hours: x}\n") == (
        "f.yaml:3:24: expected float, got str"
    )
    assert problem_of("spare:\n  - {name: a}\n  - {name: 5}\n") == "f.yaml:3:12: expected str, got int"


def test_an_unknown_field_is_told_at_its_key_with_the_field_that_was_meant() -> None:
    assert problem_of("spare:\n  - {name: a, huors: 5}\n") == "f.yaml:2:15: unknown field huors (did you mean hours?)"
    assert problem_of("lines: {L1: {name: a, zzz: 5}}\n") == "f.yaml:1:23: unknown field zzz (known here: name, hours)"


def test_a_missing_field_is_told_at_the_value_that_lacks_it() -> None:
    assert problem_of("lines:\n  L1:\n    hours: 4\n") == "f.yaml:3:5: object missing required field name"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: [1, 2\n", "f.yaml:3:1: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\na: 2\n", "f.yaml:2:1: a stands here a second time (a key may stand only once)"),
        ("a: !ruby/object 1\n", "f.yaml:1:4: the tag !ruby/object is not used here (remove it)"),
        ("a: 1e999\n", "f.yaml:1:4: 1e999 is not a finite number (write a number with a value)"),
        ("? [1, 2]\n: 3\n", "f.yaml:1:3: a key must be a plain text"),
        ("a: *gone\n", "f.yaml:1:4: found undefined alias 'gone'"),
        ("a: \x07\n", "f.yaml:1:4: has a character that YAML does not allow (remove it)"),
        ("[" * 600, "f.yaml:1:52: is nested too deeply (at most 50 levels)"),
    ],
)
def test_what_is_no_good_yaml_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Document.parse(text, "f.yaml")
    assert str(caught.value) == problem


def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone.yaml:1:1: cannot be read: No such file"):
        Document.load(tmp_path / "gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(DocumentError, match=r"latin.yaml:2:1: is not UTF-8"):
        Document.load(tmp_path / "latin.yaml")


def test_an_alias_stands_for_what_it_names_but_cannot_grow_without_end() -> None:
    assert Document.parse("a: &x {k: 1}\nb: *x\n", "f.yaml").value == {"a": {"k": 1}, "b": {"k": 1}}
    bomb = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with pytest.raises(DocumentError, match="aliases"):
        Document.parse(bomb, "f.yaml")
    with pytest.raises(DocumentError, match="nested too deeply"):
        Document.parse("a: &a [*a]\n", "f.yaml")


def test_a_word_that_is_nearly_known_is_guessed() -> None:
    assert did_you_mean("shortage_n_days", ["shortage_in_days", "site"]) == "did you mean shortage_in_days?"
    assert did_you_mean("xyz", ["shortage_in_days", "site"]) == ""


@given(st.text(max_size=80) | st.text(alphabet="ab:[]{}-,'\"|>&*!?# \n", max_size=80))
def test_any_text_is_a_document_or_has_problems_with_places(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        Document.parse(text, "f.yaml")
    except DocumentError as error:
        problems = error.problems or (Problem("", 0, 0, "no problem told"),)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
