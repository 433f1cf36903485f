"""Who may say what: from a well-formed CloudEvent of a partner to the canonical record, or a refusal.

The partner is the owner of the topic that the record came on. Nothing in the record can change that.
"""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from streams.events import EVENT_TYPES, Event, decode, family
from streams.intake import attributes, calendar, json_text
from streams.intake.refusal import Reason, Refusal, quoted

FUTURE = timedelta(days=1)
"""How far ahead of us a partner's clock may be. An event from further ahead would push the stream's clock forward."""

LARGEST = 1024 * 1024 - 16 * 1024
"""Bytes of a canonical record: with its headers it must fit where a record of 1 MiB does."""

_reserved = frozenset({"bellwether.tick", "bellwether.heartbeat"})
_sequence = re.compile(r"\d{1,18}", re.ASCII)


class Feed(NamedTuple):
    """A partner's code and the codes of its sites."""

    partner: str
    sites: frozenset[str]


class Canonical(NamedTuple):
    """A record for `scrm.events.v1`: key (the site's code) and value; and the family that it counts as."""

    key: bytes
    value: bytes
    family: str


def admit(event: dict[str, Any], feed: Feed, now: datetime) -> Canonical:
    """The canonical record of a partner's event at the time `now`. Raises `Refusal` with the JSON path of the fault."""
    present = attributes.checked(event)
    event_type = present["type"]
    if event_type in _reserved:
        raise Refusal(Reason.RESERVED_TYPE, f"Events of the type {event_type} are not for partners to send", "$.type")
    if event_type not in EVENT_TYPES:
        raise Refusal(Reason.UNKNOWN_TYPE, f"No event has the type {quoted(event_type)}", "$.type")
    _check_partner(present, feed)
    site = _site(present, feed)
    present["partnerid"] = feed.partner
    present["siteid"] = site
    value = json_text.encode(present)
    if len(value) > LARGEST:
        raise Refusal(Reason.TOO_LARGE, f"The event has {len(value)} bytes; at most {LARGEST} are taken")
    _check_content(_decoded(value), now)
    return Canonical(site.encode(), value, family(event_type))


def _check_partner(present: dict[str, Any], feed: Feed) -> None:
    claimed = present.get("partnerid", feed.partner)
    if claimed != feed.partner:
        message = f"The record says that it is of the partner {quoted(claimed)}; this feed is of {quoted(feed.partner)}"
        raise Refusal(Reason.PARTNER_MISMATCH, message, "$.partnerid")


def _site(present: dict[str, Any], feed: Feed) -> str:
    site = present.get("siteid")
    if site is None:
        if len(feed.sites) == 1:
            return next(iter(feed.sites))
        message = f"`siteid` is missing, and {quoted(feed.partner)} has {len(feed.sites)} sites in the network"
        raise Refusal(Reason.UNKNOWN_SITE, message, "$.siteid")
    if site not in feed.sites:
        message = f"{quoted(site)} is no site of {quoted(feed.partner)} in the network"
        raise Refusal(Reason.UNKNOWN_SITE, message, "$.siteid")
    return site


def _decoded(value: bytes) -> Event:
    try:
        return decode(value)
    except msgspec.DecodeError as fault:
        message, path = json_text.at_path(str(fault))
        reason = Reason.BAD_TIME if "RFC3339" in message or "timezone" in message else Reason.BAD_FIELD
        raise Refusal(reason, message, path) from None


def _check_content(event: Event, now: datetime) -> None:
    calendar.check(event)
    if event.time - now > FUTURE:
        message = f"`time` is {event.time.isoformat()}, more than a day ahead of {now.isoformat(timespec='seconds')}"
        raise Refusal(Reason.FUTURE_TIME, message, "$.time")
    if event.sequence is not None and _sequence.fullmatch(event.sequence) is None:
        message = f"`sequence` must be a decimal number of at most 18 digits, not {quoted(event.sequence)}"
        raise Refusal(Reason.BAD_FIELD, message, "$.sequence")
