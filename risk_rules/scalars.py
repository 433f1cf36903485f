"""Single values of a YAML file: what they mean, and where each of their characters stands."""

import math
from typing import Any

from risk_rules.problems import Place

PREFIX = "tag:yaml.org,2002:"


class ScalarError(ValueError):
    """A value that cannot be taken. `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def scalar_value(node: Any) -> str | int | float | bool | None:
    """What a scalar node means by YAML 1.2; a date stays text. Raises `ScalarError`."""
    text, tag = str(node.value), str(node.tag)
    if tag in (f"{PREFIX}str", f"{PREFIX}timestamp", f"{PREFIX}merge", f"{PREFIX}value"):
        return text
    if tag == f"{PREFIX}null":
        return None
    if tag == f"{PREFIX}bool":
        return text.lower() == "true"
    if tag in (f"{PREFIX}int", f"{PREFIX}float"):
        return _number(text, whole=tag.endswith("int"))
    raise ScalarError(f"the tag {tag} is not used here", "remove it")


def _number(text: str, *, whole: bool) -> int | float:
    digits = text.replace("_", "")
    try:
        if whole:
            return int(digits, 0) if digits.lstrip("+-")[:2] in ("0x", "0o", "0b") else int(digits)
        number = float(digits)
    except ValueError:
        raise ScalarError(f"{text[:40]} is not a number that can be used", "put it in quotes if it is a text") from None
    if not math.isfinite(number):
        raise ScalarError(f"{text} is not a finite number", "write a number with a value")
    return number


def place_within(source: str, node: Any, offset: int) -> Place:
    """The place of character `offset` of the value of a scalar node.

    Plain, quoted and block texts all keep their visible characters in order, so the n-th of them in the value is the
    n-th of them in the file. Escapes in double quotes shift the columns to their right.
    """
    value = str(node.value)
    visible = sum(not character.isspace() for character in value[:offset])
    position = int(node.start_mark.index)
    if node.style in ("|", ">"):
        position = source.find("\n", position) + 1
    elif node.style in ("'", '"'):
        position += 1
    end = int(node.end_mark.index)
    while position < end and (visible or source[position].isspace()):
        doubled = node.style == "'" and source.startswith("''", position)
        visible -= not source[position].isspace()
        position += 2 if doubled else 1
    before = source[:position]
    return Place(before.count("\n") + 1, position - before.rfind("\n"))
