"""The language against the simple tests of google/cel-spec, file by file."""

from pathlib import Path
from typing import Any

import pytest

from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import values
from risk_rules.expressions.types import Type
from tests.cel.vectors_of import FILES, Case, cases

DEPARTURES = {
    "a double divided by zero is unknown, not infinite or no number": [
        ("comparisons", f"eq_literal/not_eq{kind}_double_nan") for kind in ("", "_int", "_uint")
    ]
    + [("comparisons", f"ne_literal/not_ne{kind}_double_nan") for kind in ("", "_int", "_uint")]
    + [("comparisons", "ne_literal/ne_double_nan"), ("fp_math", "fp_math/divide_zero")],
    "the finest time is a microsecond": [
        ("timestamps", "timestamp_conversions/toString_timestamp_nanos"),
        ("timestamps", "timestamp_arithmetic/add_time_to_duration_nanos_negative"),
        ("timestamps", "timestamp_arithmetic/add_time_to_duration_nanos_positive"),
        ("timestamps", "timestamp_range/add_duration_nanos_over"),
        ("timestamps", "timestamp_range/add_duration_nanos_under"),
    ],
    "a feature has a plain name, without dots": [
        ("fields", f"qualified_identifier_resolution/{name}")
        for name in (
            "qualified_ident",
            "map_field_select",
            "ident_with_longest_prefix_check",
        )
    ]
    + [("namespace", "qualified/self_eval_qualified_lookup")],
}
DEPARTING = {place for places in DEPARTURES.values() for place in places}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_expression_comes_to_what_the_specification_says(path: Path) -> None:
    wrong = [
        f"{case.name}: {case.text} gives {given!r}, not {case.value!r}"
        for case in cases(path)
        for given in [outcome(case)]
        if (case.file, case.name) not in DEPARTING and not passes(case, given)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_departures_are_those_that_are_listed() -> None:
    everywhere = [case for path in FILES for case in cases(path)]
    departing = {(case.file, case.name) for case in everywhere if not passes(case, outcome(case))}
    assert departing == DEPARTING


def outcome(case: Case) -> Any:
    """The fault of the check, or the value, None for unknown."""
    types = dict.fromkeys(case.bindings, Type.DYN) | dict(case.types)
    try:
        checked = check(parse(case.text), Environment(features=types))
    except ExpressionError as fault:
        return fault
    if case.type is not None and checked.type != case.type:
        return checked.type
    return values([checked])(dict.fromkeys(types) | dict(case.bindings))[0]


def passes(case: Case, given: Any) -> bool:
    """An error may be found by the check already; so may one that an unchecked evaluation would not have met."""
    if isinstance(given, ExpressionError):
        return case.unchecked or (case.evaluated and case.value is None)
    return not case.evaluated or same(given, case.value)


def same(one: Any, other: Any) -> bool:
    """Whether two values are of one kind and equal, in all that is in them; two that are no number are."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (one != one and other != other)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return len(one) == len(other) and all(key in other and same(value, other[key]) for key, value in one.items())
    return one == other
