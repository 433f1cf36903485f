"""What can be loaded but is hardly meant: names that nothing uses, codes that nobody knows, hours without anybody."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from alerting.configuration import notation
from alerting.configuration.configuration import Configuration
from alerting.configuration.reading import SINGULAR, Reading, as_mapping
from alerting.matchers import Matcher, MatcherError, Operator, parse
from risk_rules.documents import Steps, did_you_mean

Known = Mapping[str, Collection[str]]
"""The values that are known of some labels (`kind`, `product`, `site` ...), by the rulebooks and the network."""

AHEAD: Final = timedelta(days=90)
"""How far rotas are looked at for gaps."""

OWNED: Final = {
    "materials": "material", "products": "product", "sites": "site", "partners": "partner", "roles": "owner",
}  # fmt: skip


def doubts(reading: Reading, known: Known) -> None:
    """Note warnings about a file that has no problems."""
    for section in SINGULAR:
        for name in reading.names(section):
            if (section, name) not in reading.used:
                what = f"{SINGULAR[section]} {name}"
                reading.warn((section, name), f"nothing in the file speaks of {what}", "take it out?", of_key=True)
    for section, label in OWNED.items():
        for code in as_mapping(as_mapping(reading.document.value.get("owners")).get(section)):
            if label in known and code not in known[label]:
                hint = did_you_mean(code, known[label])
                reading.warn(("owners", section, code), f"unknown {label} {code}", hint, of_key=True)
    for path, matcher in _matchers(reading):
        _doubt(reading, path, matcher, known)


def gaps(configuration: Configuration, at: datetime) -> tuple[str, ...]:
    """What to say of hours of the next 90 days in which nobody is on duty, a line for each."""
    return tuple(
        f"rota {name}: nobody is on duty from {notation.shown_at(gap.begin, zone)} to {notation.shown_at(gap.end, zone)}"
        for name, found in configuration.gaps(at, at + AHEAD).items()
        for zone in [configuration.rotas[name].zone]
        for gap in found
    )


def _doubt(reading: Reading, path: Steps, matcher: Matcher, known: Known) -> None:
    values = known.get(matcher.label)
    if values is None or matcher.operator is Operator.AT_LEAST:
        return
    exact = matcher.operator in (Operator.EQUAL, Operator.NOT_EQUAL)
    if exact and matcher.value not in values:
        hint = did_you_mean(matcher.value, values) or f"known are {', '.join(sorted(values)[:12])}"
        reading.warn(path, f"unknown {matcher.label} {matcher.value}", hint)
    elif not exact and not any(matcher.is_like(value) for value in values):
        reading.warn(path, f"no {matcher.label} that is known is like {matcher.value}", "check the pattern")


def _matchers(reading: Reading) -> Iterator[tuple[Steps, Matcher]]:
    """All matchers of the file."""
    stack: list[tuple[Steps, object]] = [((), reading.document.value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            if path[-1] in _MATCHING or (isinstance(path[-1], int) and path[-2] in _MATCHING):
                try:
                    yield path, parse(value)
                except MatcherError:  # another field of that name
                    continue
        elif isinstance(value, list):
            stack += [((*path, number), one) for number, one in enumerate(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        else:
            stack += [((*path, key), one) for key, one in as_mapping(value).items() if path or key in _PARTS]


_MATCHING: Final = ("match", "source", "target")
_PARTS: Final = ("route", "inhibitions")
