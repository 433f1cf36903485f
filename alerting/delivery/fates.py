"""What became of a message, judged by what went over the wire."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from alerting.delivery.wire import Exchange, Trouble

LONGEST_CLOSURE = timedelta(hours=1)
"""However long a service asks to be left alone: afterwards one message finds out."""


class Fate(StrEnum):
    """What became of a message: `unknown` may have arrived, `failed` has not but may yet, `dead` never will."""

    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`detail` is in our own words: what a service or Apprise says may hold the address.

    `retry_after`: for how long the service wants no more messages. `reference`: what it calls this one.
    """

    fate: Fate
    detail: str
    retry_after: timedelta | None = None
    reference: str | None = None


_STATUS = re.compile(r"\berror=(\d{3})\b")
_NEVER_CONNECTED = re.compile(
    r"refused|failed to establish|name resolution|getaddrinfo|not known|unreachable|no route|connect timeout"
    r"|certificate verify failed",
    re.IGNORECASE,
)
_TRY_AGAIN = frozenset({408, 425, 429})


def judge(exchange: Exchange, log: str, now: datetime) -> Delivery:
    """What became of a message that its plugin did not see accepted.

    `log` is what Apprise wrote: the only source for services that speak neither HTTP nor SMTP.
    """
    if exchange.status is not None and not 200 <= exchange.status < 300:
        found = _judge_status(exchange.status, wait_asked_for(exchange.retry_after, now))
    elif exchange.trouble is not None:
        fate = Fate.FAILED if exchange.trouble is Trouble.NEVER_CONNECTED else Fate.UNKNOWN
        found = Delivery(fate, exchange.trouble.value)
    elif exchange.status is not None:
        found = Delivery(Fate.FAILED, "refused by the channel, though with a status of success")
    elif exchange.mail_status is not None or exchange.handed_over:
        found = _judge_mail(exchange.mail_status or 0, exchange.handed_over)
    else:
        found = judge_log(log)
    if exchange.accepted and found.fate is Fate.FAILED and exchange.status != 429:
        return Delivery(Fate.UNKNOWN, f"accepted in part, then {found.detail}", found.retry_after)
    return found


def judge_log(log: str) -> Delivery:
    """The same from Apprise's words alone."""
    if status := _STATUS.search(log):
        return _judge_status(int(status[1]), None)
    if "onnection error" in log or "Socket Exception" in log:
        if _NEVER_CONNECTED.search(log):
            return Delivery(Fate.FAILED, Trouble.NEVER_CONNECTED.value)
        return Delivery(Fate.UNKNOWN, Trouble.NO_ANSWER.value)
    return Delivery(Fate.FAILED, "refused by the channel")


def wait_asked_for(header: str | None, now: datetime) -> timedelta | None:
    """What Retry-After says (RFC 9110, 10.2.3: seconds, or a date), an hour at most; None without a sense in it."""
    if header is None:
        return None
    text = header.strip()
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (until if until.tzinfo is not None else until.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_CLOSURE) if wait > timedelta(0) else None


def _judge_status(status: int, retry_after: timedelta | None) -> Delivery:
    if status in _TRY_AGAIN or status >= 500:
        return Delivery(Fate.FAILED, f"HTTP {status}", retry_after)
    if 300 <= status < 400:
        return Delivery(Fate.DEAD, f"HTTP {status}: redirects are not followed, give the new address")
    return Delivery(Fate.DEAD, f"HTTP {status}")


def _judge_mail(status: int, handed_over: bool) -> Delivery:
    """By the last reply of the server (RFC 5321, 4.2.1: 4yz may succeed later, 5yz never)."""
    if status >= 500:
        return Delivery(Fate.DEAD, f"SMTP {status}")
    if status >= 400:
        return Delivery(Fate.FAILED, f"SMTP {status}")
    if handed_over:
        return Delivery(Fate.UNKNOWN, Trouble.NO_ANSWER.value)
    return Delivery(Fate.FAILED, "the connection ended before the mail was handed over")
