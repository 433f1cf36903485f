"""The ways to write a value of each type."""

from risk_rules.expressions.types import Type
from tests.cel.scribe import (
    BOOL,
    BYTES,
    CLOCK,
    COUNTS,
    DOUBLE,
    DOUBLES,
    DURATION,
    DYN,
    INT,
    INTS,
    NAMES,
    PARTS,
    PATTERNS,
    STRING,
    STRINGS,
    TIMESTAMP,
    TYPES,
    UINT,
    ZONES,
    Scribe,
    Way,
    quoted,
)


def _dynamic_part(scribe: Scribe, kind: Type, depth: int) -> str:
    return (
        scribe.write(kind, depth)
        if kind == DYN or scribe.random.random() < 0.7
        else f"dyn({scribe.write(kind, depth)})"
    )


def _arithmetic(*operators: str) -> Way:
    def write(scribe: Scribe, kind: Type, depth: int) -> str:
        return f"({scribe.write(kind, depth)} {scribe.one_of(*operators)} {scribe.write(kind, depth)})"

    return write


def _divided(scribe: Scribe, kind: Type, depth: int) -> str:
    divisor = scribe.one_of("2.0", "0.5", "-4.0", "1e10")
    return f"{scribe.write(kind, depth)} / {divisor}"


def _negated(scribe: Scribe, kind: Type, depth: int) -> str:
    return f"-({scribe.write(kind, depth)})"


def _bare(scribe: Scribe, kind: Type, depth: int) -> str:
    """Without parentheses, for the precedence."""
    operators = scribe.one_of("+", "-", "*"), scribe.one_of("+", "-", "*")
    return f"{scribe.leaf(kind)} {operators[0]} {scribe.leaf(kind)} {operators[1]} {scribe.write(kind, depth)}"


def _conversion(name: str, *kinds: Type) -> Way:
    return lambda scribe, _, depth: f"{name}({scribe.write(scribe.random.choice(kinds), depth)})"


def _sized(scribe: Scribe, _: Type, depth: int) -> str:
    value = scribe.write(scribe.random.choice((STRING, BYTES, INTS, STRINGS, COUNTS)), depth)
    return scribe.one_of(f"size({value})", f"({value}).size()")


def _moment_part(scribe: Scribe, _: Type, depth: int) -> str:
    if scribe.random.random() < 0.3:
        return f"({scribe.write(DURATION, depth)}).get{scribe.random.choice(CLOCK)}()"
    zone = f'"{scribe.random.choice(ZONES)}"' if scribe.random.random() < 0.5 else ""
    return f"({scribe.write(TIMESTAMP, depth)}).get{scribe.random.choice(PARTS + CLOCK)}({zone})"


def _item(scribe: Scribe, kind: Type, depth: int) -> str:
    if kind == INT and scribe.random.random() < 0.5:
        key = scribe.one_of('"a"', '"ab"', "s")
        field_of = f"({scribe.write(COUNTS, depth)})"
        return scribe.one_of(f"{field_of}[{key}]", f"{field_of}.a", f"{field_of}.open")
    if kind == STRING and scribe.random.random() < 0.5:
        return f"({scribe.write(NAMES, depth)})[{scribe.write(INT, depth - 1)}]"
    held = scribe.write(Type.list(kind), depth)
    if held == "[]":  # what is in an empty list, CEL's libraries take for an int when they must choose
        held = f"[{scribe.leaf(kind)}]"
    return f"({held})[{scribe.one_of('0', '1', '2', '-1', scribe.write(INT, depth - 1))}]"


def _comparison(scribe: Scribe, _: Type, depth: int) -> str:
    kind = scribe.random.choice((INT, INT, DOUBLE, STRING, UINT, BYTES, BOOL, TIMESTAMP, DURATION, DYN))
    return f"{scribe.write(kind, depth)} {scribe.one_of('<', '<=', '>', '>=')} {scribe.write(kind, depth)}"


def _equality(scribe: Scribe, _: Type, depth: int) -> str:
    kind = scribe.random.choice(TYPES)
    left, right = scribe.write(kind, depth), scribe.write(kind, depth)
    scribe.compares(left, right)
    return f"({left} {scribe.one_of('==', '!=')} {right})"


def _membership(scribe: Scribe, _: Type, depth: int) -> str:
    item, held = scribe.random.choice(((INT, INTS), (STRING, STRINGS), (DOUBLE, DOUBLES), (STRING, COUNTS), (DYN, DYN)))
    left, right = scribe.write(item, depth), scribe.write(held, depth)
    scribe.compares(left, right, *right.strip("[]").split(", "))
    return f"({left} in {right})"


def _logic(scribe: Scribe, _: Type, depth: int) -> str:
    operator = scribe.one_of(" && ", " || ")
    return f"({operator.join(scribe.write(BOOL, depth) for _ in range(scribe.random.choice((2, 2, 3))))})"


def _bare_logic(scribe: Scribe, _: Type, depth: int) -> str:
    return f"{scribe.leaf(BOOL)} && {scribe.write(BOOL, depth)} || !{scribe.leaf(BOOL)}"


def _not(scribe: Scribe, _: Type, depth: int) -> str:
    return f"!({scribe.write(BOOL, depth)})"


def _asked_of_text(scribe: Scribe, _: Type, depth: int) -> str:
    text, other = scribe.write(STRING, depth), scribe.write(STRING, depth)
    pattern = quoted(scribe.random.choice(PATTERNS))
    return scribe.one_of(
        f"({text}).startsWith({other})",
        f"({text}).endsWith({other})",
        f"({text}).contains({other})",
        f"({text}).matches({pattern})",
        f"matches({text}, {pattern})",
        f"({text}).matches(s)",
    )


def _has(scribe: Scribe, _: Type, depth: int) -> str:
    return f"has(({scribe.write(COUNTS, depth)}).{scribe.one_of('a', 'ab', 'open')})"


def _asked_of_items(scribe: Scribe, _: Type, depth: int) -> str:
    source, item = scribe.random.choice(((INTS, INT), (STRINGS, STRING), (DOUBLES, DOUBLE), (COUNTS, STRING)))
    over = scribe.write(source, depth)
    name = f"i{len(scribe.variables)}"
    scribe.variables.append((name, item))
    body = scribe.write(BOOL, depth)
    scribe.variables.pop()
    return f"({over}).{scribe.one_of('exists', 'all', 'exists_one')}({name}, {body})"


def _made_of_items(scribe: Scribe, kind: Type, depth: int) -> str:
    given = kind.parameters[0]
    source, item = scribe.random.choice(((INTS, INT), (STRINGS, STRING), (DOUBLES, DOUBLE)))
    name = f"i{len(scribe.variables)}"
    over = scribe.write(kind if scribe.random.random() < 0.4 else source, depth)
    if scribe.random.random() < 0.4:
        scribe.variables.append((name, given))
        body = scribe.write(BOOL, depth)
        scribe.variables.pop()
        return f"({scribe.write(kind, depth)}).filter({name}, {body})"
    scribe.variables.append((name, item))
    body, condition = scribe.write(given, depth), scribe.write(BOOL, depth - 1)
    scribe.variables.pop()
    return f"({over}).map({name}, {scribe.one_of('', condition + ', ')}{body})"


def _list(scribe: Scribe, kind: Type, depth: int) -> str:
    return f"[{', '.join(scribe.write(kind.parameters[0], depth) for _ in range(scribe.random.choice((0, 1, 2, 3))))}]"


def _kind_of(scribe: Scribe, _: Type, depth: int) -> str:
    known = scribe.one_of("int", "string", "bool", "double", "list", "map", "google.protobuf.Timestamp")
    return f"type({scribe.write(scribe.random.choice(TYPES), depth)}) == {known}"


def _moved(scribe: Scribe, _: Type, depth: int) -> str:
    return f"({scribe.write(TIMESTAMP, depth)} {scribe.one_of('+', '-')} {scribe.write(DURATION, depth)})"


def _apart(scribe: Scribe, _: Type, depth: int) -> str:
    return f"({scribe.write(TIMESTAMP, depth)} - {scribe.write(TIMESTAMP, depth)})"


def _any(scribe: Scribe, _: Type, depth: int) -> str:
    kind = scribe.random.choice((INT, DOUBLE, UINT, STRING, BYTES, INTS, TIMESTAMP, DURATION))
    written = f"dyn({scribe.write(kind, depth)})"
    operator = scribe.one_of("+", "-", "*")
    return scribe.one_of(
        written, f"({written} {operator} {scribe.write(scribe.random.choice((kind, kind, DYN, INT)), depth)})"
    )


_list_ways: tuple[Way, ...] = (_arithmetic("+"), _made_of_items, _made_of_items, _list)

WAYS: dict[Type, tuple[Way, ...]] = {
    BOOL: (
        _comparison, _comparison, _equality, _equality, _membership, _logic, _logic, _bare_logic, _not, _asked_of_text,
        _has, _asked_of_items, _asked_of_items, _kind_of, _conversion("bool", STRING, BOOL),
    ),
    INT: (
        _arithmetic("+", "-", "*"), _arithmetic("/", "%"), _bare, _negated, _sized, _moment_part, _item,
        _conversion("int", INT, UINT, DOUBLE, STRING, TIMESTAMP),
    ),
    UINT: (_arithmetic("+", "-", "*", "/", "%"), _conversion("uint", INT, UINT, DOUBLE, STRING)),
    DOUBLE: (_arithmetic("+", "-", "*"), _bare, _negated, _divided, _conversion("double", INT, UINT, DOUBLE, STRING), _item),
    STRING: (_arithmetic("+"), _conversion("string", INT, UINT, BOOL, STRING, BYTES, TIMESTAMP, DURATION), _item),
    BYTES: (_arithmetic("+"), _conversion("bytes", STRING, BYTES)),
    TIMESTAMP: (_moved, _conversion("timestamp", TIMESTAMP, INT)),
    DURATION: (_apart, _arithmetic("+", "-"), _conversion("duration", DURATION)),
    DYN: (_any,),
    INTS: _list_ways,
    DOUBLES: _list_ways,
    STRINGS: _list_ways,
}  # fmt: skip


def ways(kind: Type) -> tuple[Way, ...]:
    """The ways to write a value of a type."""
    return (*WAYS.get(kind, ()), _dynamic_part)
