"""Dropped files of CloudEvents in JSON: one event, or a batch. On a topic and in webhooks they need no feed."""

from collections.abc import Mapping

from streams.intake import cloudevents, feed_record
from streams.intake.cloudevents import BATCH_JSON, STRUCTURED_JSON
from streams.intake.draft import Codes, Draft
from streams.intake.feed_file import FeedFile
from streams.intake.feed_record import FeedRecord

MEDIA_TYPES = (STRUCTURED_JSON, BATCH_JSON)


class CloudEventsFeed(FeedFile, frozen=True, kw_only=True, tag="cloudevents"):
    """A feed of CloudEvents, which bring their own sources."""


def read(value: bytes, feed: CloudEventsFeed, codes: Codes, texts: Mapping[str, str]) -> list[Draft]:
    """The events of a file. Raises `Refusal` with the JSON path."""
    return cloudevents.read({"content-type": _media_type(value)}, value)


def records(content: bytes, said: CloudEventsFeed, *, feed: str, file: str) -> list[FeedRecord]:
    """A file as one record. Raises `Refusal` for one that no record can hold."""
    return [feed_record.whole(content, feed=feed, media_type=_media_type(content), file=file)]


def _media_type(content: bytes) -> str:
    return BATCH_JSON if content.lstrip()[:1] == b"[" else STRUCTURED_JSON
