"""Writes random expressions over some features, most of them well typed.

What the language does otherwise than CEL on purpose is not written: see `risk_rules.expressions`. A feature that is
compared with == or looked for with `in` by its bare name has a value, for there a null counts as a value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from risk_rules.expressions.types import Type

BOOL, INT, UINT, DOUBLE, STRING, BYTES = Type.BOOL, Type.INT, Type.UINT, Type.DOUBLE, Type.STRING, Type.BYTES
TIMESTAMP, DURATION, DYN = Type.TIMESTAMP, Type.DURATION, Type.DYN
INTS, DOUBLES, STRINGS = Type.list(INT), Type.list(DOUBLE), Type.list(STRING)
COUNTS, NAMES = Type.map(STRING, INT), Type.map(INT, STRING)
TYPES: Final = (
    BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, DYN, INTS, DOUBLES, STRINGS, COUNTS, NAMES,
)  # fmt: skip

FEATURES: Final = {
    "p": BOOL, "q": BOOL, "a": INT, "b": INT, "c": INT, "u": UINT, "x": DOUBLE, "y": DOUBLE, "s": STRING, "r": STRING,
    "z": BYTES, "t": TIMESTAMP, "v": TIMESTAMP, "g": DURATION, "h": DURATION, "d": DYN, "li": INTS, "ld": DOUBLES,
    "ls": STRINGS, "m": COUNTS, "n": NAMES,
}  # fmt: skip

WORDS: Final = ("", "a", "ab", "abc", "b", "open", "RM-1", "12", "-3", "é", "0", "true", "1h", "^a", "(")
WHOLE: Final = (0, 1, 2, 3, 5, 7, 10, -1, -2, 100, 2**62, 2**63 - 1, -(2**63))
DECIMAL: Final = (0.0, 0.5, 1.0, 1.5, 2.0, -1.0, -2.25, 100.0, 1e10, 1e300, 0.1)
ZONES: Final = ("", "UTC", "Europe/Berlin", "America/New_York", "+02:00", "-09:30", "Asia/Kathmandu")
MOMENTS: Final = (
    "2026-05-03T08:00:00Z", "2009-02-13T23:31:30.5Z", "2024-02-29T12:00:00+02:00", "1970-01-01T00:00:00Z",
    "9998-12-31T23:59:59Z", "0001-01-03T00:00:00Z",
)  # fmt: skip
SPANS: Final = ("1h", "90m", "1.5s", "-36h", "0", "100000h", "2h45m10s", "1ms", "-1.25s")
PATTERNS: Final = ("a", "^a", "b$", "[0-9]+", "(a|b)c?", ".*", "^$", "a{2,3}")
PARTS: Final = ("Date", "DayOfMonth", "DayOfWeek", "DayOfYear", "FullYear", "Month")
CLOCK: Final = ("Hours", "Minutes", "Seconds", "Milliseconds")


@dataclass
class Scribe:
    """Writes one expression. `variables` are those of the macros around."""

    random: Random
    ways: "Callable[[Type], Sequence[Way]]"
    oddity: float = 0.02
    """Chance that a part has another type than is asked for."""
    compared: set[str] = field(default_factory=set[str])
    variables: list[tuple[str, Type]] = field(default_factory=list[tuple[str, Type]])

    def write(self, kind: Type, depth: int) -> str:
        random = self.random
        if random.random() < self.oddity:
            kind = random.choice(TYPES)
        if depth <= 0 or random.random() < 0.12:
            return self.leaf(kind)
        if random.random() < 0.06:
            return f"({self.write(BOOL, depth - 1)} ? {self.write(kind, depth - 1)} : {self.write(kind, depth - 1)})"
        return random.choice(self.ways(kind))(self, kind, depth - 1)

    def leaf(self, kind: Type) -> str:
        random = self.random
        named = [name for name, one in [*FEATURES.items(), *self.variables] if one == kind]
        if named and random.random() < 0.6:
            return random.choice(named)
        return LITERALS.get(kind, _literal_dyn)(self)

    def one_of(self, *values: str) -> str:
        return self.random.choice(values)

    def compares(self, *written: str) -> None:
        self.compared |= {text for text in written if text in FEATURES}


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literal_int(scribe: Scribe) -> str:
    value = scribe.random.choice(WHOLE)
    return hex(value) if value > 0 and scribe.random.random() < 0.1 else str(value)


def _literal_list(item: Type) -> Callable[[Scribe], str]:
    return lambda scribe: f"[{', '.join(LITERALS[item](scribe) for _ in range(scribe.random.choice((0, 1, 2, 3))))}]"


def _literal_map(key: Type, value: Type) -> Callable[[Scribe], str]:
    def write(scribe: Scribe) -> str:
        keys = dict.fromkeys(LITERALS[key](scribe) for _ in range(scribe.random.choice((0, 1, 2))))
        entries = [f"{one}: {LITERALS[value](scribe)}" for one in keys if not one.startswith("0x")]
        return f"{{{', '.join(entries)}}}"

    return write


def _literal_dyn(scribe: Scribe) -> str:
    kind = scribe.random.choice((BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, INTS, COUNTS))
    return scribe.one_of(f"dyn({LITERALS[kind](scribe)})", f"dyn({LITERALS[kind](scribe)})", "dyn(null)")


LITERALS: dict[Type, Callable[[Scribe], str]] = {
    BOOL: lambda scribe: scribe.one_of("true", "false"),
    INT: _literal_int,
    UINT: lambda scribe: f"{scribe.random.choice((0, 1, 2, 7, 2**64 - 1))}u",
    DOUBLE: lambda scribe: repr(scribe.random.choice(DECIMAL)),
    STRING: lambda scribe: quoted(scribe.random.choice(WORDS)),
    BYTES: lambda scribe: scribe.one_of('b"a"', "b''", r'b"\xff\000"', 'b"é"'),
    TIMESTAMP: lambda scribe: f'timestamp("{scribe.random.choice(MOMENTS)}")',
    DURATION: lambda scribe: f'duration("{scribe.random.choice(SPANS)}")',
    INTS: _literal_list(INT),
    DOUBLES: _literal_list(DOUBLE),
    STRINGS: _literal_list(STRING),
    COUNTS: _literal_map(STRING, INT),
    NAMES: _literal_map(INT, STRING),
}


Way = Callable[[Scribe, Type, int], str]
