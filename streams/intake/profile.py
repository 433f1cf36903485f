"""A partner's profile: how the rows of its tables are read, checked before the first row comes."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from risk_rules.documents import Document, Steps
from risk_rules.problems import DocumentError, Problem, did_you_mean
from streams.events import EVENT_TYPES
from streams.intake import cell
from streams.intake.profile_file import EventRule, FieldRule, ProfileFile
from streams.intake.template import Template, TemplateError, compiled
from streams.intake.uri import is_reference

SHIPPED = Path(__file__).parent / "profiles"
NETWORKS = Path(__file__).parent / "networks"
BUILT_IN = {"row_line": "integer", "row_digest": "text"}
"""Fields that every row has: its line in the file, and a hash of its bytes for tables whose rows have no name."""

_derivations = ("column", "first", "earliest", "latest", "shift")


class Column(NamedTuple):
    """A field that is read from a column."""

    field: str
    column: str
    read: cell.Reader
    required: bool


class Derived(NamedTuple):
    """A field that is worked out from those before it."""

    field: str
    rule: FieldRule
    required: bool


class EventTemplate(NamedTuple):
    """An event, to be filled from a row."""

    rule: EventRule
    attributes: Mapping[str, Template]
    data: Any


class Profile(NamedTuple):
    """A checked profile. `absent`: texts that mean that there is no value; `version`: a hash of the file."""

    said: ProfileFile
    columns: tuple[Column, ...]
    derived: tuple[Derived, ...]
    events: tuple[EventTemplate, ...]
    absent: frozenset[str]
    version: str


def load(path: Path) -> Profile:
    """The profile in a file. Raises `DocumentError` with the line and column of all that is wrong."""
    return from_document(Document.load(path))


def load_all(folders: Sequence[Path] = ()) -> dict[str, Profile]:
    """All profiles by name: those that ship, and the YAML files of `folders`, which may replace them."""
    profiles: dict[str, Profile] = {}
    problems: list[Problem] = []
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.yaml")):
            try:
                profile = load(path)
            except DocumentError as error:
                problems.extend(error.problems)
            else:
                profiles[profile.said.profile] = profile
    if problems:
        raise DocumentError(problems)
    return profiles


def network_of(profile: str) -> Path | None:
    """The network file that ships with a profile: the partner's sites, for a replay without a network of one's own."""
    path = NETWORKS / f"{profile}.yaml"
    return path if path.is_file() else None


def from_document(document: Document) -> Profile:
    """The profile that a document holds. Raises `DocumentError`."""
    said = document.convert(ProfileFile)
    problems = [document.problem(path, message, hint) for path, message, hint in _faults(said)]
    if problems:
        raise DocumentError(problems)
    events = tuple(EventTemplate(rule, _attributes(said, rule), compiled(rule.data)) for rule in said.events)
    columns = tuple(
        Column(name, rule.column, _reader(said, rule), rule.required)
        for name, rule in said.fields.items()
        if rule.column is not None
    )
    derived = tuple(Derived(name, rule, rule.required) for name, rule in said.fields.items() if rule.column is None)
    version = hashlib.sha256(document.text.encode()).hexdigest()[:12]
    return Profile(said, columns, derived, events, frozenset({"", *said.absent}), version)


def _attributes(said: ProfileFile, rule: EventRule) -> dict[str, Template]:
    texts = {
        "id": rule.id,
        "time": rule.time,
        "siteid": rule.site or said.site,
        "recordedtime": rule.recordedtime,
        "sequence": rule.sequence,
        "corrects": rule.corrects,
        "subject": rule.subject,
    }
    return {name: Template(text) for name, text in texts.items() if text is not None}


def _reader(said: ProfileFile, rule: FieldRule) -> cell.Reader:
    dates = rule.dates or said.dates
    match rule.type:
        case "text":
            return cell.text_reader(None if rule.table is None else said.tables[rule.table])
        case "number" | "integer":
            whole = rule.type == "integer"
            return cell.number_reader(decimal=said.decimal, thousands=said.thousands, whole=whole, times=rule.times)
        case "day":
            return cell.day_reader(dates)
        case "time":
            return cell.time_reader(dates, ZoneInfo(said.zone), time.fromisoformat(rule.at))


Fault = tuple[Steps, str, str]
"""Where, what, and a hint."""


def _faults(said: ProfileFile) -> Iterator[Fault]:
    yield from _header_faults(said)
    known: dict[str, str] = dict(BUILT_IN)
    for name, rule in said.fields.items():
        yield from (
            (("fields", name, *path), message, hint) for path, message, hint in _field_faults(said, rule, known)
        )
        known[name] = _type_of(rule, known)
    if said.site is not None:
        yield from _template_faults(said.site, ("site",), known)
    names: set[str] = set()
    for position, rule in enumerate(said.events):
        if rule.name in names:
            yield ("events", position, "name"), f"{rule.name} is the name of an event above", "names must differ"
        names.add(rule.name)
        yield from ((("events", position, *path), message, hint) for path, message, hint in _event_faults(rule, known))


def _header_faults(said: ProfileFile) -> Iterator[Fault]:
    try:
        ZoneInfo(said.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), f"{said.zone} is no IANA time zone", "such as Europe/Zurich"
    if len(said.delimiter) != 1 or said.delimiter in '"\r\n' or not said.delimiter.isascii():
        yield ("delimiter",), "must be one ASCII character", 'such as ; or a tab, written as "\\t"'
    if said.decimal == said.thousands:
        yield ("thousands",), "is the decimal sign too", "they must differ"
    if not said.source or not is_reference(said.source):
        yield ("source",), f"{said.source} is no URI reference", "such as /acme/erp"
    if not said.events:
        yield ("events",), "no row would give an event", "add one"


def _field_faults(said: ProfileFile, rule: FieldRule, known: Mapping[str, str]) -> Iterator[Fault]:
    kinds = [kind for kind in _derivations if getattr(rule, kind) is not None]
    if len(kinds) != 1:
        yield (), f"has {' and '.join(kinds) or 'no origin'}", f"give exactly one of {', '.join(_derivations)}"
        return
    if rule.table is not None and rule.table not in said.tables:
        yield ("table",), f"there is no table {rule.table}", did_you_mean(rule.table, said.tables)
    try:
        time.fromisoformat(rule.at)
    except ValueError:
        yield ("at",), f"{rule.at} is no time of day", "such as 23:59:59"
    sources = [(path, name) for path, name in _sources(rule) if name is not None]
    for path, name in sources:
        if name not in known:
            yield path, f"there is no field {name} above", did_you_mean(name, known)
    types = {known[name] for _, name in sources if name in known}
    if len(types) > 1 or (types and kinds != ["first"] and not types <= {"day", "time"}):
        yield (), f"works on fields of the types {', '.join(sorted(types))}", "all must be days, or all times"


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
        yield ("type",), f"there is no type {rule.type}", did_you_mean(rule.type, EVENT_TYPES)
    for name in rule.when:
        if name not in known:
            yield ("when", name), f"there is no field {name}", did_you_mean(name, known)
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
        yield path, str(error), ""
        return
    for name in template.fields:
        if name not in known:
            yield path, f"there is no field {name}", did_you_mean(name, known)
