"""How partners send: records on their topic, signed requests, dropped files; and what of it comes to lie on the topic."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from streams.intake import profile
from streams.intake.feed_record import FeedRecord
from streams.intake.folder import feed_for
from streams.intake.profile import Profile
from streams.intake.refusal import Refusal
from streams.intake.webhook import content
from streams.simulation import PROFILES
from streams.simulation.envelope import Record


class Posted(NamedTuple):
    """A request to the partner's webhook. `is_signed`: by the partner's key; else by one that nobody knows."""

    partner: str
    message_id: str
    content_type: str
    body: bytes
    is_signed: bool = True


class Dropped(NamedTuple):
    """A file in the partner's drop folder."""

    partner: str
    name: str
    content: bytes


Delivery = Record | Posted | Dropped


@cache
def partners_profiles() -> Mapping[str, Profile]:
    """The profiles of the simulated partners."""
    return profile.load_all([PROFILES])


def on_the_topic(delivery: Delivery) -> list[Record]:
    """The records that a delivery becomes: what webhook and drop folder put on the partner's topic, if anything."""
    match delivery:
        case Record():
            return [delivery]
        case Posted():
            if not delivery.is_signed:
                return []
            said = (delivery.content_type, delivery.message_id, delivery.body)
            return _records(delivery.partner, content.records(partners_profiles().get(delivery.partner), *said))
        case Dropped():
            feed = feed_for(delivery.name, partners_profiles().get(delivery.partner))
            if feed is None:
                return []
            try:
                cut = list(feed.format.records(delivery.content, feed.said, feed=feed.name, file=delivery.name))
            except Refusal:  # the whole file lies in `refused`
                return []
            return _records(delivery.partner, cut)


def _records(partner: str, cut: Sequence[FeedRecord]) -> list[Record]:
    return [Record(partner, tuple(one.headers), one.key, one.value) for one in cut]
