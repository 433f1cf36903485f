"""Any text is taken or refused with a place; any expression gives what a plain interpreter gives."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from risk_rules.expressions.checker import check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from tests.unit.risk_rules.compiled import ENVIRONMENT, UNKNOWN, fires, value

PIECES = [
    "a",
    "x",
    "s",
    "p",
    "1",
    "2.5",
    '"t"',
    "(",
    ")",
    "[",
    "]",
    ",",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
]
PIECES += [
    "==",
    "!=",
    "<",
    "<=",
    "in",
    "null",
    "true",
    "min",
    "has",
    "coalesce",
    ".",
    "size",
    "//",
    "\n",
    " ",
    "'",
    "\\",
    "é",
]

Tree = tuple[Any, ...]


TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)


@given(TEXTS | st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_an_expression_or_has_a_fault_at_one_of_its_characters(text: str) -> None:
    fault = ExpressionError(0, "none")
    try:
        check(parse(text), ENVIRONMENT)
    except ExpressionError as error:
        fault = error
    assert 0 <= fault.offset <= len(text)
    assert fault.message


def numbers(children: Any, truths: Any) -> Any:
    pair = st.tuples(st.sampled_from(["+", "-", "*", "/"]), children, children)
    return (
        pair
        | st.tuples(st.just("neg"), children)
        | st.tuples(st.just("?"), truths, children, children)
        | st.tuples(st.sampled_from(["min", "max", "coalesce"]), children, children)
    )


def truths(children: Any, of_numbers: Any) -> Any:
    compared = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=="]), of_numbers, of_numbers)
    return compared | st.tuples(st.sampled_from(["&&", "||"]), children, children) | st.tuples(st.just("!"), children)


ATOMS = st.sampled_from([("x",), ("y",)]) | st.sampled_from([0.0, 1.0, 2.5, 3.0]).map(lambda n: ("literal", n))
TRUTH_ATOMS = st.sampled_from([("p",), ("q",), ("literal", True), ("literal", False)])
SIMPLE = st.tuples(st.sampled_from(["<", ">=", "=="]), ATOMS, ATOMS) | TRUTH_ATOMS
NUMBERS = st.recursive(ATOMS, lambda inner: numbers(inner, SIMPLE), max_leaves=8)
TRUTHS = st.recursive(
    SIMPLE, lambda inner: truths(inner, NUMBERS) | st.tuples(st.just("?"), inner, inner, inner), max_leaves=10
)
FEATURES = st.fixed_dictionaries(
    {name: st.none() | st.sampled_from([0.0, 1.0, -2.5, 4.0]) for name in "xy"}
    | {name: st.none() | st.booleans() for name in "pq"}
)

BINDING = {"?": 1, "||": 2, "&&": 3} | dict.fromkeys(["<", "<=", ">", ">=", "=="], 4) | dict.fromkeys("+-", 5)
BINDING |= dict.fromkeys("*/", 6) | dict.fromkeys(["neg", "!"], 7)


def written(tree: Tree, least: int = 0) -> str:
    """The tree as text, with no more parentheses than the precedence of CEL asks for."""
    match tree:
        case ("literal", bool(truth)):
            return "true" if truth else "false"
        case ("literal", number):
            return repr(number)
        case (name,):
            return name
        case ("min" | "max" | "coalesce" as name, left, right):
            return f"{name}({written(left)}, {written(right)})"
        case ("neg" | "!" as mark, operand):
            text = f"{'-' if mark == 'neg' else '!'}{written(operand, 8)}"
        case ("?", condition, then, otherwise):
            text = f"{written(condition, 2)} ? {written(then, 2)} : {written(otherwise)}"
        case (mark, left, right):
            text = f"{written(left, BINDING[mark])} {mark} {written(right, BINDING[mark] + 1)}"
        case _:
            raise AssertionError(tree)
    return f"({text})" if BINDING[tree[0]] < least else text


def interpreted(tree: Tree, features: dict[str, Any]) -> Any:
    """What the tree means, None when unknown: the semantics once more, as plainly as can be."""
    if tree[0] == "literal":
        return tree[1]
    if len(tree) == 1:
        return features[tree[0]]
    found = [interpreted(part, features) for part in tree[1:]]
    match tree[0]:
        case "&&":
            return False if False in found else None if None in found else True
        case "||":
            return True if True in found else None if None in found else False
        case "?":
            return None if found[0] is None else found[1] if found[0] else found[2]
        case "coalesce":
            return next((one for one in found if one is not None), None)
        case "==":
            unknown = any(one is None and len(part) > 1 for one, part in zip(found, tree[1:], strict=True))
            return None if unknown else found[0] == found[1]
        case operator if None in found or (operator == "/" and not found[1]):
            return None
        case operator:
            return OPERATIONS[operator](*found)


OPERATIONS: dict[str, Any] = {
    "+": lambda one, two: one + two,
    "-": lambda one, two: one - two,
    "*": lambda one, two: one * two,
    "/": lambda one, two: one / two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "neg": lambda one: -one,
    "!": lambda one: not one,
    "min": min,
    "max": max,
}


@given(NUMBERS | TRUTHS, FEATURES)
def test_a_compiled_expression_gives_what_a_plain_interpreter_gives(tree: Tree, features: dict[str, Any]) -> None:
    assert value(written(tree), features) == interpreted(tree, UNKNOWN | features)


@given(TRUTHS, FEATURES)
def test_a_condition_fires_exactly_when_it_is_surely_true(tree: Tree, features: dict[str, Any]) -> None:
    meant = interpreted(tree, UNKNOWN | features)
    assert fires(written(tree), features) is (meant is True)
    assert fires(f"!({written(tree)})", features) is (meant is False)
