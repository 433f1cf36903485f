"""Random expressions with values for the features that they are over."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from risk_rules.expressions.types import Type, UInt
from tests.cel.scribe import BOOL, COUNTS, DECIMAL, DOUBLE, FEATURES, INT, INTS, STRING, TYPES, WHOLE, WORDS, Scribe
from tests.cel.ways import ways


@dataclass
class Generated:
    """`features` has those with a value; the others are not known."""

    text: str
    features: dict[str, Any]


def generate(random: Random) -> Generated:
    """An expression of any type with values for most features."""
    scribe = Scribe(random, ways)
    kind = random.choices(TYPES, weights=[8, *[2] * (len(TYPES) - 1)])[0]
    text = scribe.write(kind, random.choice((1, 2, 2, 3, 3, 4, 5)))
    given = {name: _feature(random, one) for name, one in FEATURES.items()}
    unknown = {name for name in given if random.random() < 0.12} - scribe.compared
    return Generated(text, {name: value for name, value in given.items() if name not in unknown})


def _feature(random: Random, kind: Type) -> Any:
    if kind.parameters:
        count = random.choice((0, 1, 2, 3))
        if kind.base == "list":
            return [_feature(random, kind.parameters[0]) for _ in range(count)]
        return {_feature(random, kind.parameters[0]): _feature(random, kind.parameters[1]) for _ in range(count)}
    match kind:
        case "bool":
            return random.random() < 0.5
        case "int":
            return random.choice(WHOLE)
        case "uint":
            return UInt(random.choice((0, 1, 2, 7, 2**64 - 1)))
        case "double":
            return random.choice(DECIMAL)
        case "string":
            return random.choice(WORDS)
        case "bytes":
            return random.choice((b"", b"a", b"\xff\x01"))
        case "timestamp":
            return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(-(10**7), 10**7))
        case "duration":
            return timedelta(seconds=random.choice((0, 1, 3600, -90, 86400 * 30)))
        case _:
            return _feature(random, random.choice((BOOL, INT, DOUBLE, STRING, INTS, COUNTS)))
