"""Messages that are not about an alert of the rules: what became of messages and silences, and the sign of life."""

from datetime import datetime

from alerting.wording.plain import TITLE_LENGTH, plain, short
from alerting.wording.reader import Reader
from alerting.wording.single import Message


def dead_letters(contact: str, receiver: str, count: int, detail: str, reader: Reader) -> Message:
    """So many messages to a receiver were given up. `detail` is in our own words."""
    phrases = reader.phrases
    body = phrases.dead.format(
        count=reader.number(count), receiver=plain(receiver), contact=plain(contact), detail=plain(detail)
    )
    return Message(short(phrases.dead_title.format(contact=plain(contact)), TITLE_LENGTH), body)


def silence_ended(
    matchers: str, kind: str, author: str, reason: str, end: datetime, open_alerts: int, reader: Reader
) -> Message:
    """A silence or a maintenance is over. `open_alerts`: how many that it held back are open now."""
    phrases = reader.phrases
    body = phrases.silence.format(
        kind=plain(kind), author=plain(author), end=reader.instant(end), reason=plain(reason),
        count=reader.number(open_alerts),
    )  # fmt: skip
    return Message(short(phrases.silence_title.format(matchers=plain(matchers)), TITLE_LENGTH), body)


def heartbeat(at: datetime, reader: Reader) -> Message:
    """The sign of life of an event that came in at `at`."""
    phrases = reader.phrases
    return Message(phrases.heartbeat_title, phrases.heartbeat.format(at=reader.instant(at)))
