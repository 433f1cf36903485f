"""Lists, maps and macros in expressions, and what is unknown in them."""

from datetime import date
from typing import Any

import pytest

from tests.unit.risk_rules.compiled import fires, value

DATA: dict[str, Any] = {
    "li": [3, 1, 2],
    "ls": ["a", "bc"],
    "ld": [0.5, 2.0],
    "m": {"a": 1, "b": None},
    "by_day": {date(2026, 5, 3): 2, date(2026, 5, 4): 0},
    "a": 2,
    "on": date(2026, 5, 3),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li.exists(i, i > 2)", True),
        ("li.all(i, i > 1)", False),
        ("li.exists_one(i, i == a)", True),
        ("li.filter(i, i >= 2)", [3, 2]),
        ("li.map(i, i * 10)", [30, 10, 20]),
        ("li.map(i, i > 1, i * 2.5)", [7.5, 5.0]),
        ("ls.map(s, s + s)", ["aa", "bcbc"]),
        ("li.all(i, ls.exists(s, s.size() == 1 && i > 0))", True),
        ("li[0] + li[2]", 5),
        ("a in li && !(7 in li)", True),
        ("size(li) == 3 && ls.size() == 2", True),
        ("li + [a]", [3, 1, 2, 2]),
        ("m.a + m['a']", 2),
        ("'b' in m && !('z' in m)", True),
        ("by_day[on] == 2 && by_day.exists(day, by_day[day] == 0)", True),
        ("{'x': li, 'y': []}.x[1]", 1),
        ("[[1, 2], [3]] == [[1, 2], [3]]", True),
        ("{'a': 1} == {'a': 1} && [true] != [false]", True),
        ("type(li) == list && type(m.a) == int", True),
    ],
)
def test_lists_and_maps_are_asked_as_cel_asks_them(text: str, expected: Any) -> None:
    assert value(text, DATA) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li.exists(i, 1 / (i - 1) > 0)", True),
        ("li.all(i, 1 / (i - 1) > 5)", False),
        ("li.all(i, 1 / (i - 1) >= 0)", None),
        ("li.exists_one(i, 1 / (i - 1) > 0)", None),
        ("li.map(i, 6 / (i - 1))", None),
        ("li.filter(i, 6 / (i - 1) > 0)", None),
        ("li[3]", None),
        ("li[-1]", None),
        ("m.z", None),
        ("m.b + 1", None),
        ("has(m.a) && !has(m.b) && !has(m.z)", True),
        ("m.z > 1 || true", True),
        ("coalesce(m.z, 7)", 7),
        ("[1, b].size()", None),
    ],
)
def test_macros_absorb_what_is_unknown_as_cel_does(text: str, expected: Any) -> None:
    assert value(text, DATA) == expected


@pytest.mark.parametrize(
    "text", ["li.exists(i, i > 0)", "li.size() >= 0", "m.a == 1", "a in li", "li == li", "has(m.a)"]
)
def test_a_list_or_map_that_is_not_known_makes_the_condition_unknown(text: str) -> None:
    assert not fires(text, {"a": 1})
    assert not fires(f"!({text})", {"a": 1})


def test_the_variable_of_a_macro_hides_a_feature_of_its_name_within_the_macro_alone() -> None:
    assert value("li.map(a, a + 1).size() == 3 && a == 2", DATA) is True


def test_a_truth_value_is_no_number() -> None:
    assert value("dyn(true) == 1") is False
    assert value("true in dyn([1, 0])") is False
    assert value("dyn(true) in {1: 'a'}") is False
    assert value("dyn(1) == 1.0 && dyn(1u) in [1.0]") is True


def test_what_is_known_only_at_run_time_has_no_more_operations_than_cel_gives_it() -> None:
    assert value("dyn(1) + 1") == 2
    assert value("dyn(1) + 1.0") is None
    assert value("dyn('a') < 1") is None
    assert value("dyn(1) ? 1 : 2") is None
    assert value("size(dyn(1))") is None
