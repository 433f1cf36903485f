"""What the feed of a table says: where its columns go, and which events a row gives. For CSV and spreadsheets alike."""

from typing import Any, Literal

import msgspec

from streams.intake.feed_file import FeedFile

FieldType = Literal["text", "number", "integer", "day", "time", "unit"]


class FieldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a field comes from: exactly one of `column`, `first`, `earliest`, `latest` and `shift`.

    `column` is read as `type`: `dates` and `at` (the time of day that a bare day stands for) for times, `times` (a
    factor) for numbers, `table` for codes; a `unit` goes through the partner's units. `first` takes the first field that
    is known and lies within `not_before` and `not_after`.
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


class TableFeed(FeedFile, frozen=True, kw_only=True):
    """A table. `absent`: texts that mean that there is no value; `site`: that of events that say none themselves."""

    fields: dict[str, FieldRule]
    events: tuple[EventRule, ...]
    site: str | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    dates: tuple[str, ...] = ("iso",)
    absent: tuple[str, ...] = ()
