"""What can be wrong with the feed of a table, found before its first row comes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Any, cast

from risk_rules.documents import Steps
from risk_rules.problems import did_you_mean
from streams.events import EVENT_TYPES
from streams.intake.feed_file import Fault, Words, within
from streams.intake.table_file import EventRule, FieldRule, TableFeed
from streams.intake.template import Template, TemplateError

BUILT_IN = {"row_line": "integer", "row_digest": "text"}
"""Fields that every row has: its line in the file, and a hash of its bytes for tables whose rows have no name."""

_derivations = ("column", "first", "earliest", "latest", "shift")


def table_faults(said: TableFeed, words: Words) -> Iterator[Fault]:
    """All that is wrong, by place in the feed. `words` has the partner's tables of codes."""
    if said.decimal == said.thousands:
        yield Fault(("thousands",), "is the decimal sign too", "they must differ")
    if not said.events:
        yield Fault(("events",), "no row would give an event", "add one")
    known: dict[str, str] = dict(BUILT_IN)
    for name, rule in said.fields.items():
        yield from within(("fields", name), _field_faults(rule, words, known))
        known[name] = _type_of(rule, known)
    if said.site is not None:
        yield from _template_faults(said.site, ("site",), known)
    names: set[str] = set()
    for position, rule in enumerate(said.events):
        if rule.name in names:
            message = f"{rule.name} is the name of an event above"
            yield Fault(("events", position, "name"), message, "names must differ")
        names.add(rule.name)
        yield from within(("events", position), _event_faults(rule, known))


def field_types(said: TableFeed) -> dict[str, str]:
    """The type of each field of a sound feed, as `type` names it."""
    known: dict[str, str] = dict(BUILT_IN)
    for name, rule in said.fields.items():
        known[name] = _type_of(rule, known)
    return known


def _field_faults(rule: FieldRule, words: Words, known: Mapping[str, str]) -> Iterator[Fault]:
    kinds = [kind for kind in _derivations if getattr(rule, kind) is not None]
    if len(kinds) != 1:
        yield Fault((), f"has {' and '.join(kinds) or 'no origin'}", f"give exactly one of {', '.join(_derivations)}")
        return
    if rule.table is not None and rule.table not in words.tables:
        yield Fault(("table",), f"there is no table {rule.table}", did_you_mean(rule.table, words.tables))
    try:
        time.fromisoformat(rule.at)
    except ValueError:
        yield Fault(("at",), f"{rule.at} is no time of day", "such as 23:59:59")
    sources = [(path, name) for path, name in _sources(rule) if name is not None]
    for path, name in sources:
        if name not in known:
            yield Fault(path, f"there is no field {name} above", did_you_mean(name, known))
    types = {known[name] for _, name in sources if name in known}
    if len(types) > 1 or (types and kinds != ["first"] and not types <= {"day", "time"}):
        yield Fault((), f"works on fields of the types {', '.join(sorted(types))}", "all must be days, or all times")


def _sources(rule: FieldRule) -> Iterator[tuple[Steps, str | None]]:
    for kind in ("first", "earliest", "latest"):
        names: tuple[str, ...] = getattr(rule, kind) or ()
        yield from (((kind, position), name) for position, name in enumerate(names))
    for kind in ("shift", "not_before", "not_after"):
        yield (kind,), getattr(rule, kind)


def _type_of(rule: FieldRule, known: Mapping[str, str]) -> str:
    if rule.column is not None:
        return rule.type
    return next((known[name] for _, name in _sources(rule) if name is not None and name in known), "text")


def _event_faults(rule: EventRule, known: Mapping[str, str]) -> Iterator[Fault]:
    if rule.type not in EVENT_TYPES or not rule.type.startswith("cdmo."):
        yield Fault(("type",), f"there is no type {rule.type}", did_you_mean(rule.type, EVENT_TYPES))
    for name in rule.when:
        if name not in known:
            yield Fault(("when", name), f"there is no field {name}", did_you_mean(name, known))
    for attribute in ("id", "time", "site", "recordedtime", "sequence", "corrects", "subject"):
        text: str | None = getattr(rule, attribute)
        if text is not None:
            yield from _template_faults(text, (attribute,), known)
    yield from _shape_faults(rule.data, ("data",), known)


def _shape_faults(shape: Any, path: Steps, known: Mapping[str, str]) -> Iterator[Fault]:
    if isinstance(shape, str):
        yield from _template_faults(shape, path, known)
        return
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(shape, dict):
        items = cast("dict[str, Any]", shape).items()
    elif isinstance(shape, list):
        items = enumerate(cast("list[Any]", shape))
    for step, value in items:
        yield from _shape_faults(value, (*path, step), known)


def _template_faults(text: str, path: Steps, known: Mapping[str, str]) -> Iterator[Fault]:
    try:
        template = Template(text)
    except TemplateError as error:
        yield Fault(path, str(error))
        return
    for name in template.fields:
        if name not in known:
            yield Fault(path, f"there is no field {name}", did_you_mean(name, known))
