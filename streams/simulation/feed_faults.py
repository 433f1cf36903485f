"""What goes wrong with feeds themselves: they fall silent, come late, lose records, or tell the wrong time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from risk_rules.working_days import Calendar

OPENS_AT: Final = 6.5
CLOSES_AT: Final = 19.0
"""Hours after midnight between which the system of a site in office hours sends."""


class Sent(NamedTuple):
    """A canonical event of a site on its way: when it gets to us, and what it says."""

    at: datetime
    site: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FeedFault:
    """From `begin` on the feed of a site has a fault.

    `silent`: nothing comes. `held`: nothing of one `family` comes. `late`: all comes `hours` later. `gappy`: of all records a
    `part` is lost. `skewed`: its clock is `hours` ahead.
    """

    kind: str
    site: str
    begin: datetime
    family: str = ""
    hours: float = 0.0
    part: float = 0.0

    def befall(self, sent: Iterable[Sent], luck: Random) -> Iterator[Sent]:
        """What still gets to us, and how."""
        change = CHANGES[self.kind]
        for one in sent:
            if one.site != self.site or one.at < self.begin:
                yield one
            elif (changed := change(self, one, luck)) is not None:
                yield changed


def _silent(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    return None


def _held(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    return None if str(sent.event["type"]).split(".")[1] == fault.family else sent


def _late(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    return sent._replace(at=sent.at + timedelta(hours=fault.hours))


def _gappy(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    return None if luck.random() < fault.part else sent


def _skewed(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    wrong = written(sent.event) + timedelta(hours=fault.hours)
    return sent._replace(event={**sent.event, "recordedtime": wrong.isoformat()})


CHANGES: Final[Mapping[str, Callable[[FeedFault, Sent, Random], Sent | None]]] = {
    "silent": _silent,
    "held": _held,
    "late": _late,
    "gappy": _gappy,
    "skewed": _skewed,
}


def written(event: Mapping[str, Any]) -> datetime:
    """When an event was written down."""
    return datetime.fromisoformat(str(event.get("recordedtime") or event["time"]))


def on_working_days(at: datetime, calendar: Calendar) -> datetime:
    """When that gets out of a site that sends on working days only: the rest waits for the next opening, one behind the
    other."""
    return _opened(at, calendar, 0.0, 24.0)


def in_office_hours(at: datetime, calendar: Calendar) -> datetime:
    """The same of a site that does not send by night either."""
    return _opened(at, calendar, OPENS_AT, CLOSES_AT)


def _opened(at: datetime, calendar: Calendar, opens: float, closes: float) -> datetime:
    day = calendar.day_of(at)
    if calendar.works(day):
        if at <= _hour(calendar, day, opens):
            return _queued(calendar, day, opens, at)
        if at < _hour(calendar, day, closes):
            return at
    day += timedelta(days=1)
    while not calendar.works(day):
        day += timedelta(days=1)
    return _queued(calendar, day, opens, at)


def _hour(calendar: Calendar, day: Any, hours: float) -> datetime:
    return calendar.begin(day) + timedelta(hours=hours)


def _queued(calendar: Calendar, day: Any, opens: float, at: datetime) -> datetime:
    """What waited goes out in the order in which it came, within seconds."""
    opening = _hour(calendar, day, opens)
    return opening + (at - (opening - timedelta(days=20))) / 200_000
