"""What a profile makes of records, without sending anything: for people who write profiles. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from streams.intake.admission import Feed
from streams.intake.feed_record import LINE
from streams.intake.inbound import InboundRecord
from streams.intake.profile import Profile
from streams.intake.reading import admitted, drafts_of, mapping_of
from streams.intake.refusal import Reason, Refusal


class Came(NamedTuple):
    """A record as it might lie on a partner's topic."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a record: its canonical events, or why it is refused and where. `record`: its place among all."""

    record: int
    said: str
    mapping: str
    events: tuple[dict[str, Any], ...] = ()
    reason: str | None = None
    message: str | None = None
    place: str | None = None


def outcomes(
    records: Iterable[InboundRecord], profile: Profile | None, own: Feed | None, now: datetime
) -> Iterator[Outcome]:
    """What becomes of each record, in order. Without `own` (the partner's sites) any site is taken."""
    for number, record in enumerate(records):
        yield _outcome(number, record, profile, own, now)


def _outcome(number: int, record: InboundRecord, profile: Profile | None, own: Feed | None, now: datetime) -> Outcome:
    said, mapping = shown(record), mapping_of(record, profile)
    try:
        drafts = drafts_of(record, profile)
        feed = own or _any_site(profile, (draft.event for draft in drafts))
        events = tuple(msgspec.json.decode(admitted(draft, feed, now).value) for draft in drafts)
    except Refusal as refusal:
        return Outcome(
            record=number,
            said=said,
            mapping=mapping,
            reason=refusal.reason,
            message=refusal.message,
            place=refusal.place,
        )
    except Exception as fault:  # as the intake does: a record that we fail on is refused, and told as our own fault
        message = f"The service failed on this record ({type(fault).__name__})"
        return Outcome(record=number, said=said, mapping=mapping, reason=Reason.OUR_FAULT, message=message, place="")
    return Outcome(record=number, said=said, mapping=mapping, events=events)


def _any_site(profile: Profile | None, events: Iterable[Mapping[str, Any]]) -> Feed:
    sites = frozenset(str(event["siteid"]) for event in events if "siteid" in event)
    return Feed("?" if profile is None else profile.partner, sites)


def shown(record: InboundRecord, longest: int = 2000) -> str:
    """What a record says, for a person to look at."""
    text = (record.value or b"").decode("utf-8", "replace").rstrip("\r\n")
    line = next((content for name, content in record.headers if name == LINE), None)
    text = text if line is None else f"line {line.decode('utf-8', 'replace')}: {text}"
    return text if len(text) <= longest else f"{text[:longest]}…"
