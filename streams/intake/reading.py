"""From one record of a partner to its canonical records, whatever format it has. Pure."""

from collections.abc import Mapping
from datetime import datetime

from streams.intake import cloudevents
from streams.intake.admission import Canonical, Feed, admit
from streams.intake.cloudevents import CLOUDEVENTS
from streams.intake.draft import Draft
from streams.intake.feed_record import EVENT, content_type
from streams.intake.formats import MEDIA_TYPES
from streams.intake.inbound import TICK, InboundRecord, header_texts
from streams.intake.profile import PartnerFeed, Profile
from streams.intake.refusal import Reason, Refusal, quoted

Profiles = Mapping[str, Profile]
"""By partner."""

PLAIN = "cloudevents@1.0"
"""What reads CloudEvents: no profile is needed for them."""


def canonical_records(record: InboundRecord, feed: Feed, profiles: Profiles, now: datetime) -> list[Canonical]:
    """The canonical records of a record that came on a partner's topic. All of them, or `Refusal`."""
    return [admitted(draft, feed, now) for draft in drafts_of(record, profiles.get(feed.partner))]


def admitted(draft: Draft, feed: Feed, now: datetime) -> Canonical:
    """The canonical record of a draft. Raises `Refusal` with its place in the partner's record, and in the event."""
    try:
        return admit(draft.event, feed, now)
    except Refusal as refusal:
        if not draft.place:
            raise
        raise Refusal(refusal.reason, refusal.message, f"{draft.place}, {refusal.place}".strip(", ")) from None


def drafts_of(record: InboundRecord, profile: Profile | None) -> list[Draft]:
    """The events of a record in the words of the service, not yet admitted. Raises `Refusal`."""
    texts = header_texts(record.headers, record.value)
    text = texts.get("content-type", "")
    if text == TICK:
        message = "Time is not for partners to move, nor for anyone in a service on the wall clock"
        raise Refusal(Reason.RESERVED_TYPE, message, "header content-type")
    feed = _feed_of(text, texts, profile)
    if feed is None:
        return cloudevents.read(texts, record.value)
    if not record.value:
        raise Refusal(Reason.EMPTY, "The record has no value")
    drafts = feed.read(record.value, texts)
    only = texts.get(EVENT)
    return drafts if only is None else [_one_of(drafts, only)]


def mapping_of(record: InboundRecord, profile: Profile | None) -> str:
    """The name and version of what reads the record, for its dead letter and its canonical records."""
    if profile is None or any(
        name == "content-type" and (content or b"").startswith(b"application/cloudevents")
        for name, content in record.headers
    ):
        return PLAIN
    texts = {name: content.decode("utf-8", "replace") for name, content in record.headers if content}
    try:
        feed = _feed_of(texts.get("content-type", ""), texts, profile)
    except Refusal:
        return f"{profile.partner}/?"
    return PLAIN if feed is None else feed.mapping


def _feed_of(text: str, texts: Mapping[str, str], profile: Profile | None) -> PartnerFeed | None:
    """The feed that a record belongs to, by its content type; None for a CloudEvent. Raises `Refusal` (`unknown_feed`)."""
    media_type, named = content_type(text)
    if media_type.startswith(CLOUDEVENTS) or (named is None and (media_type not in MEDIA_TYPES or _is_event(texts))):
        return None
    feeds: Mapping[str, PartnerFeed] = {} if profile is None else profile.feeds
    if named is not None:
        if (feed := feeds.get(named)) is not None:
            return feed
        message = f"The partner's profile has no feed {quoted(named)}; it has {_names(feeds)}"
        raise Refusal(Reason.UNKNOWN_FEED, message, "header content-type")
    fitting = [] if profile is None else profile.feeds_for(media_type)
    if len(fitting) == 1:
        return fitting[0]
    what = f"{len(fitting)} feeds" if fitting else "no feed"
    message = (
        f"The partner's profile has {what} for {quoted(media_type)}; name one: content-type: {media_type}; feed=..."
    )
    raise Refusal(Reason.UNKNOWN_FEED, message, "header content-type")


def _is_event(texts: Mapping[str, str]) -> bool:
    """Whether it is a CloudEvent in binary mode, whose content type is that of its data."""
    return any(name.startswith("ce_") for name in texts)


def _names(feeds: Mapping[str, PartnerFeed]) -> str:
    return ", ".join(sorted(feeds)) or "none"


def _one_of(drafts: list[Draft], position: str) -> Draft:
    if position.isascii() and position.isdigit() and len(position) < 6 and int(position) < len(drafts):
        return drafts[int(position)]
    message = f"The record gives {len(drafts)} events, and none at the position {quoted(position)}"
    raise Refusal(Reason.NO_EVENT, message, f"header {EVENT}")
