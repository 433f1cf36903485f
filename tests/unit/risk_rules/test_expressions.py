"""What an expression means: CEL, and the departures that `risk_rules.expressions` states."""

from datetime import date
from typing import Any

import pytest

from risk_rules.expressions.checker import check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from tests.unit.risk_rules.compiled import ENVIRONMENT, fires, value

NOTHING: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("2 * 3 % 4", 2),
        ("-2 * -3", 6),
        ("--2", 2),
        ("1 + 1 == 2 && 3 > 2 || false", True),
        ("true || false && false", True),
        ("!true || true", True),
        ("false ? 1 : true ? 2 : 3", 2),
        ("1 < 2 == true", True),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5 + 1.", None),
        ("\"a\" + 'b'", "ab"),
        (r'"\x41B\103\n"', "ABC\n"),
        (r'r"\n"', r"\n"),
        ("'''it's'''", "it's"),
        ('"\\U0001F600"', "\U0001f600"),
        ("1 // a comment\n+ 1", 2),
    ],
)
def test_literals_operators_and_precedence_are_those_of_cel(text: str, expected: Any) -> None:
    if expected is None:
        with pytest.raises(ExpressionError):
            value(text)
    else:
        found = value(text)
        assert found == expected
        assert type(found) is type(expected)


def test_whole_numbers_are_divided_towards_zero() -> None:
    assert (value("7 / 2"), value("-7 / 2"), value("7 % -2"), value("-7 % 2")) == (3, -3, 1, -1)


def test_a_whole_number_beside_a_double_is_taken_as_a_double() -> None:
    assert value("a / x", {"a": 1, "x": 4.0}) == 0.25
    assert value("x > 900", {"x": 900.5}) is True
    assert value("a == x", {"a": 3, "x": 3.0}) is True


@pytest.mark.parametrize(
    "text",
    ["a + 1 > 0", "x < 1", "-a < 0", "a / b > 1", "max(a, 3) > 1", "s.size() > 1", "s + 'x' == 'x'", "on < until"],
)
def test_a_condition_on_what_is_not_known_does_not_fire_and_neither_does_its_opposite(text: str) -> None:
    assert not fires(text)
    assert not fires(f"!({text})")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p && false", False),
        ("false && p", False),
        ("p || true", True),
        ("true || p", True),
        ("p && true", None),
        ("p || false", None),
        ("!(p && false)", True),
        ("a > 1 || x > 1 || true", True),
        ("p ? 1 : 2", None),
        ("true ? 1 : a", 1),
        ("false ? a : 2", 2),
    ],
)
def test_and_and_or_absorb_what_is_unknown_in_either_order(text: str, expected: Any) -> None:
    assert value(text) == expected


def test_a_null_feature_is_compared_as_the_value_null() -> None:
    assert fires('s != "open"')
    assert not fires('s == "open"')
    assert not fires('s in ["open", word]')
    assert fires("s == null")
    assert fires("null != s", {"s": "x"})
    assert fires("!has(s)")


def test_a_division_by_zero_is_unknown() -> None:
    assert value("a / b", {"a": 1, "b": 0}) is None
    assert value("x / (y - y)", {"x": 1.0, "y": 2.0}) is None
    assert value("a % b", {"a": 1, "b": 0}) is None


def test_a_whole_number_beyond_64_bits_is_unknown() -> None:
    assert value("a + 1", {"a": 2**63 - 1}) is None
    assert value("-a", {"a": -(2**63)}) is None
    assert value("a * b", {"a": 2**62, "b": 4}) is None
    assert value("int(x)", {"x": 1e300}) is None


def test_functions_do_what_they_say() -> None:
    assert value("clamp(a, 0, 10)", {"a": 12}) == 10
    assert value("min(3, x)", {"x": 2.5}) == 2.5
    assert value("coalesce(a, b, 7)", {"b": 4}) == 4
    assert value("coalesce(a, 7) + 1") == 8
    assert (value("round(2.5)"), value("round(-2.5)"), value("floor(-1.5)"), value("ceil(1.2)")) == (
        3.0,
        -3.0,
        -2.0,
        2.0,
    )
    assert value('int("12") + int(3.9)') == 15
    assert value('int("twelve")') is None
    assert value('double("2.5")') == 2.5
    assert value("string(12) + string(1.0) + string(true)") == "121true"
    assert value('"RM-1".startsWith("RM") && "RM-1".endsWith("1") && "RM-1".contains("-")') is True
    assert value("size(s) == s.size()", {"s": "four"}) is True


def test_dates_are_compared_and_subtracted() -> None:
    days = {"on": date(2026, 5, 3), "until": date(2026, 5, 10)}
    assert value("until - on", days) == 7
    assert value("on < until", days) is True
    assert value("min(on, until)", days) == date(2026, 5, 3)
    assert value('"from " + string(on)', days) == "from 3 May 2026"


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("qty > 1", 0, "qty is not known here", "a text goes in quotes"),
        ("x > 1 && untill > on", 9, "untill is not known here", "did you mean until?"),
        ("s > 1", 4, "> after a string takes a string, not an int", ""),
        ('x == "a"', 2, "a double can never equal a string", "compare values of one type"),
        ("p + 1", 0, "+ cannot take p, which is a bool", ""),
        ("p * 1", 0, "* takes an int or a uint or a double, not p, which is a bool", ""),
        ("s + 1", 4, "+ after a string takes a string, not an int", "make a text of it: string(...)"),
        ("roud(x)", 0, "there is no function roud", "did you mean round?"),
        ("clamp(x, 1)", 0, "clamp takes 3 values, not 2", ""),
        ("x % 2", 2, "% takes ints", "wrap doubles in int()"),
        ("(x > 1", 6, ") is missing to close the (", ""),
        ("x >", 3, "a value was expected, not the end", ""),
        ("x = 1", 2, "'=' has no meaning here", "equal is =="),
        ('s == "open', 5, "a text that does not end", 'close it with "'),
        (
            "x.y > 1",
            0,
            "y is asked of x, which is a double, but only maps have fields",
            "use a feature by its plain name",
        ),
        ("x. > 1", 3, "a name was expected after the dot, not >", ""),
        ("a == 5 parsecs", 7, "parsecs is no unit known here", "known are ms, s, min, h, d, wk and %"),
        ("a == 5 d", 5, "a time stands beside a number that has no unit of time", "write a plain number"),
        ("[1].exists(1, true)", 11, "exists takes a name for the item first", "write exists(x, ...)"),
        ('s.matches("(")', 10, "'(' is no regular expression", "correct it"),
        ('duration("1 day") > duration("1h")', 9, "'1 day' is no duration like 1h30m", "correct it"),
        ("{1: 1, 1: 2}", 7, "the key 1 is there already", "remove one"),
        ("{1.5: 1}", 1, "a key of a map takes a bool or an int or a uint or a string, not a double", ""),
        ("T{a: 1}", 1, "messages cannot be made here", ""),
        ("while", 0, "while is a reserved word", "choose another name"),
        ("x + 1 == null", 0, "only a feature can be null", "compare the feature itself with null"),
        ("1u + 1", 5, "+ after a uint takes a uint, not an int", "make an int of it: int(...)"),
        ("9223372036854775808", 0, "9223372036854775808 is too great for an int", ""),
        ("(p ? 1 : null) + 1", 0, "null cannot be used here", "compare with null, or use coalesce"),
        ("s in [1]", 6, "the list has values of another type", "int, string"),
        ("p ? 1 : s", 8, "the two outcomes of ? differ in type", "int, string"),
    ],
)
def test_a_fault_is_told_with_its_place_and_a_way_out(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), ENVIRONMENT)
    assert (caught.value.offset, caught.value.message) == (offset, message)
    assert caught.value.hint.startswith(hint)


def test_nesting_is_bounded_and_as_deep_as_cel_asks_for() -> None:
    assert value("(" * 32 + "1" + ")" * 32) == 1
    assert value(" + ".join("1" * 64)) == 64
    assert fires(" && ".join(["true"] * 200))
    assert value("true ? 1 : " * 32 + "1") == 1
    for text in ("(" * 5000, "-" * 5000 + "1", "!" * 5000 + "true", "a ? " * 5000, "[" * 5000, "a" + ".size()" * 500):
        with pytest.raises(ExpressionError):
            parse(text)
    chained = "1"
    for _ in range(30):
        chained = f"({chained}{'+1' * 90})"
    with pytest.raises(ExpressionError, match="more than 100 operations"):
        value(chained)
    assert value("(" * 30 + "1" + " + 1)" * 30 + " + 1" * 60) == 91


def test_the_code_of_a_nested_expression_does_not_grow_faster_than_the_expression() -> None:
    text = "x"
    for _ in range(30):
        text = f"x / ({text})"
    assert value(text, {"x": 2.0}) in (1.0, 2.0)
    text = "a"
    for _ in range(12):
        text = f"(({text}) > 1 ? ({text}) : 1)" if len(text) < 500 else f"coalesce({text}, 1)"
    assert value(text, {"a": 5}) == 5
