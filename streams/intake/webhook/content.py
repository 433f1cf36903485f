"""From the body of a request to records for the partner's inbound topic, by the feed that takes its content type. Pure."""

from collections.abc import Sequence
from typing import Final

from streams.intake.cloudevents import CLOUDEVENTS
from streams.intake.feed_record import LARGEST_VALUE, FeedRecord, content_type, whole
from streams.intake.profile import PartnerFeed, Profile
from streams.intake.refusal import Refusal, quoted

WEBHOOK_ID: Final = "bellwether.webhook_id"
KEY: Final = "webhook"
LARGEST_BODY: Final = LARGEST_VALUE
LONGEST_CONTENT_TYPE: Final = 300


class NotTaken(Exception):
    """No feed takes this content type; says which would."""


def records(profile: Profile | None, text: str, message_id: str, body: bytes) -> Sequence[FeedRecord]:
    """The records of a body with the content type `text`. Raises `NotTaken`.

    What a feed cannot take apart goes on whole: the intake refuses it, and so it lies in the dead letters as it came.
    """
    mark = (WEBHOOK_ID, message_id.encode())
    if not text or len(text) > LONGEST_CONTENT_TYPE or not (text.isascii() and text.isprintable()):
        raise NotTaken("The request needs a content-type, such as application/cloudevents+json")
    media_type, named = content_type(text)
    if media_type.startswith(CLOUDEVENTS):
        return [FeedRecord(KEY.encode(), body, [("content-type", text.encode()), mark])]
    feed = _feed(profile, media_type, named)
    told = text if named is not None else f"{text}; feed={feed.name}"
    try:
        cut = list(feed.format.records(body, feed.said, feed=feed.name, file=message_id))
    except Refusal:
        cut = [whole(body, feed=feed.name, media_type=media_type, file=message_id)]
    return [one._replace(headers=[*_with_type(one, media_type, told), mark]) for one in cut]


def _with_type(record: FeedRecord, media_type: str, told: str) -> list[tuple[str, bytes]]:
    """The headers, with the content type as it came, unless a part of the body has another than the whole."""
    return [
        (name, told.encode() if name == "content-type" and content_type(content.decode())[0] == media_type else content)
        for name, content in record.headers
    ]


def _feed(profile: Profile | None, media_type: str, named: str | None) -> PartnerFeed:
    feeds = {} if profile is None else {n: one for n, one in profile.feeds.items() if one.said.transport == "webhook"}
    fitting = [one for one in feeds.values() if media_type in one.format.media_types]
    if named is not None:
        fitting = [one for one in fitting if one.name == named]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " or ".join(sorted(one.name for one in fitting))
        raise NotTaken(
            f"Several feeds take {quoted(media_type)}: say which, as content-type: {media_type}; feed={names}"
        )
    which = f"the feed {quoted(named)}" if named is not None else "a feed"
    raise NotTaken(f"The partner's profile has not {which} with transport: webhook that takes {quoted(media_type)}")
