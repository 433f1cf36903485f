"""What was expected beside what was found, in lines that read like a diff. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from streams.rule_tests.text import Expected

CONTAINED: Final = ("summary", "advice")
NUMBERS: Final = ("score", "likelihood", "quantity")

Found = Mapping[str, Any]
"""A finding by the names of `Expected`."""


def differences(expected: Sequence[Expected], found: Sequence[Found], only: Iterable[str] = ()) -> list[str]:
    """The lines of the difference; none when all that was expected was found and nothing else. `only`: rules that count."""
    about = frozenset(only)
    left = [one for one in found if not about or one["rule"] in about]
    lines: list[str] = []
    for wanted in expected:
        of_rule = [one for one in left if one["rule"] == wanted.rule]
        if not of_rule:
            lines.append(f"- {_told(wanted)}")
            continue
        nearest = min(of_rule, key=lambda one: len(_wrong(wanted, one)))
        left.remove(nearest)
        for name in _wrong(wanted, nearest):
            lines.append(f"- {wanted.rule}: {name}: {_shown(getattr(wanted, name))}")
            lines.append(f"+ {wanted.rule}: {name}: {_shown(nearest[name])}")
    lines += [f"+ {one['rule']}: severity: {_shown(one['severity'])}, {one['summary']}" for one in left]
    return lines


def _said(wanted: Expected) -> dict[str, Any]:
    """What the test says of a finding."""
    return {
        name: value
        for name in wanted.__struct_fields__
        if name != "rule" and (value := getattr(wanted, name)) is not msgspec.UNSET
    }


def _wrong(wanted: Expected, found: Found) -> list[str]:
    return [name for name, value in _said(wanted).items() if not _meets(name, value, found[name])]


def _meets(name: str, wanted: Any, found: Any) -> bool:
    if wanted is None or found is None:
        return wanted is found
    if name in CONTAINED:
        return " ".join(str(wanted).split()) in found
    if name in NUMBERS:
        if isinstance(wanted, tuple):
            least, most = cast("tuple[float, float]", wanted)
            return bool(least <= found <= most)
        return math.isclose(wanted, found, rel_tol=1e-3, abs_tol=1e-6)
    return bool(wanted == found)


def _told(wanted: Expected) -> str:
    details = ", ".join(f"{name}: {_shown(value)}" for name, value in _said(wanted).items())
    return f"{wanted.rule}: {details}" if details else wanted.rule


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value[0]:g} to {value[1]:g}" if isinstance(value, tuple) else "null" if value is None else str(value)
