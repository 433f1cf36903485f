"""What a partner's profile says, as it stands in YAML."""

from typing import Any, Literal

import msgspec

FieldType = Literal["text", "number", "integer", "day", "time"]
Encoding = Literal["utf-8", "ascii", "latin-1", "iso-8859-15", "cp1250", "cp1252"]
"""Only encodings that write a line feed and a quote as ASCII does: files are cut before they are read."""


class FieldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a field comes from: exactly one of `column`, `first`, `earliest`, `latest` and `shift`.

    `column` is read as `type`: `dates` and `at` (the time of day that a bare day stands for) for times, `times` (a
    factor) for numbers, `table` for codes. `first` takes the first field that is known and lies within `not_before` and
    `not_after`.
    `earliest` and `latest` take that of the fields that are known. `shift` moves another field by `days`.
    """

    column: str | None = None
    type: FieldType = "text"
    required: bool = False
    dates: tuple[str, ...] | None = None
    at: str = "00:00:00"
    times: float = 1.0
    table: str | None = None
    first: tuple[str, ...] | None = None
    not_before: str | None = None
    not_after: str | None = None
    earliest: tuple[str, ...] | None = None
    latest: tuple[str, ...] | None = None
    shift: str | None = None
    days: float = 0.0


class EventRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that a row gives when all of `when` holds: a field is `known`, is `absent`, or is one of some values.

    All texts are templates (`streams.intake.template`).
    """

    name: str
    type: str
    id: str
    time: str
    data: dict[str, Any]
    when: dict[str, Literal["known", "absent"] | tuple[str, ...]] = {}
    site: str | None = None
    recordedtime: str | None = None
    sequence: str | None = None
    corrects: str | None = None
    subject: str | None = None


class ProfileFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A profile. `files`: the names of files that it is for; `absent`: texts that mean that there is no value."""

    profile: str
    partner: str
    source: str
    fields: dict[str, FieldRule]
    events: tuple[EventRule, ...]
    files: str = "*.csv"
    site: str | None = None
    encoding: Encoding = "utf-8"
    delimiter: str = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    zone: str = "UTC"
    dates: tuple[str, ...] = ("iso",)
    absent: tuple[str, ...] = ()
    tables: dict[str, dict[str, str]] = {}
