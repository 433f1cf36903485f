"""What the feeds of all formats say in a partner's profile."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from risk_rules.documents import Steps
from streams.intake.uri import is_reference


class FeedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="format"):
    """A feed: a stretch of a partner's data in one format. `source` is that of its events (CloudEvents).

    `files`: the names of the files that a feed with the transport `files` takes, with * and ?.
    """

    source: str
    transport: Literal["topic", "files", "webhook"] = "topic"
    files: str | None = None
    zone: str | None = None
    """IANA. Whoever reads a record by a loaded profile finds a zone here: the partner's where the feed says none."""


class Fault(NamedTuple):
    """What is wrong with a part of a profile: where in the YAML, what, and what to do."""

    path: Steps
    message: str
    hint: str = ""
    offset: int | None = None
    """Of the character, where the fault lies within a text."""


class Words(Protocol):
    """What a feed may name of the partner's profile around it."""

    @property
    def tables(self) -> dict[str, dict[str, str]]: ...


def within(path: Steps, faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults of a part, as those of the whole that has it at `path`."""
    return (fault._replace(path=(*path, *fault.path)) for fault in faults)


def header_faults(feed: FeedFile) -> Iterator[Fault]:
    """Of what all feeds say."""
    yield from zone_faults(feed.zone)
    if not is_reference(feed.source) or not feed.source:
        yield Fault(("source",), f"{feed.source} is no URI reference", "such as /acme/erp")
    if feed.transport == "files" and not feed.files:
        yield Fault((), "no file would be taken", 'say which with files, such as "stock_*.csv"')
    if feed.transport == "webhook" and feed.files:
        yield Fault(("files",), "a webhook brings no files", "leave it out, or say transport: files")


def zone_faults(zone: str | None) -> Iterator[Fault]:
    """Of a time zone."""
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(("zone",), f"{zone} is no IANA time zone", "such as Europe/Zurich")


def no_faults(feed: Any, words: Words) -> Iterable[Fault]:
    """For formats whose feeds say nothing of their own."""
    return ()
