"""Throws hostile texts at the language of rules: each ends as an error with a place, or as a program within its cost.

    nice python -m tests.fuzz.expressions --inputs 1000000 --seed 1

What a program gives is data: numbers, texts, times, and lists and maps of them. The slowest text is told.
"""

import argparse
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time
from typing import Any

from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import values
from risk_rules.expressions.types import NOTHING, Type, UInt, kind_of
from tests.cel.scribe import FEATURES
from tests.fuzz.hostile_texts import hostile

ENVIRONMENT = Environment(features=FEATURES, constants={"limit": 10})
KNOWN: dict[str, Any] = {
    "p": True, "q": False, "a": 5, "b": 2, "c": 0, "u": UInt(7), "x": 2.5, "y": 0.0, "s": "a" * 40, "r": "",
    "z": b"\xff\x00", "t": datetime(2026, 5, 3, tzinfo=UTC), "v": datetime(2026, 5, 4, tzinfo=UTC),
    "g": timedelta(hours=1), "h": timedelta(0), "d": {"a": [1, "x"]}, "li": list(range(200)), "ld": [0.5] * 50,
    "ls": ["ab" * 20, "a", "é"], "m": {"a": 1, "b": 2}, "n": {1: "a"},
}  # fmt: skip
UNKNOWN: dict[str, Any] = dict.fromkeys(FEATURES)


@dataclass
class Outcome:
    """`seconds` is the time that the slowest text took, of the processor."""

    counts: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0
    slowest: str = ""


def tried(text: str) -> str:
    """What became of a text. Raises `AssertionError` if that is neither an error with a place nor data."""
    try:
        checked = check(parse(text), ENVIRONMENT)
    except ExpressionError as error:
        check_fault(error, text)
        return "refused"
    evaluate = values([checked])
    for features in (KNOWN, UNKNOWN):
        (value,) = evaluate(features)
        assert value is None or is_data(value), (text, value)
    return "evaluated"


def check_fault(error: ExpressionError, text: str) -> None:
    """The fault says what is wrong, and where in the text."""
    assert 0 <= error.offset <= error.end <= len(text), (text, error.offset, error.end)
    assert error.told(text), text


def is_data(value: Any) -> bool:
    """Whether it is a value of the language, all through."""
    if isinstance(value, list | tuple):
        return all(is_data(item) for item in value)
    if isinstance(value, dict):
        return all(is_data(part) for entry in value.items() for part in entry)
    return value is NOTHING or isinstance(value, Type) or kind_of(value) not in ("none", "null")


def fuzzed(inputs: int, seed: int) -> Outcome:
    random, outcome = Random(seed), Outcome()
    for _ in range(inputs):
        text = hostile(random)
        begun = process_time()
        outcome.counts[tried(text)] += 1
        if (taken := process_time() - begun) > outcome.seconds:
            outcome.seconds, outcome.slowest = taken, text
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcome = fuzzed(given.inputs, given.seed)
    print(f"{given.inputs} texts, seed {given.seed}: {dict(outcome.counts)}")
    print(f"the slowest took {outcome.seconds:.3f} s: {outcome.slowest[:200]!r}")


if __name__ == "__main__":
    main()
