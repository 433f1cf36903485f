"""What goes wrong with feeds themselves: they fall silent, hold a part back, lose records, or tell the wrong time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from risk_rules.working_days import Calendar

OPENS_AT: Final = 6.5
"""Hours after midnight at which a site that was closed sends what it has written meanwhile."""

LOST: Final = 0.5


class Sent(NamedTuple):
    """A canonical event of a site on its way: when it gets to us, and what it says."""

    at: datetime
    site: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FeedFault:
    """From `begin` on the feed of a site has a fault: `silent`, `late` (it holds one family back), `gappy` or `skewed`.

    `hours`: how far a skewed clock is ahead.
    """

    kind: str
    site: str
    begin: datetime
    family: str = ""
    hours: float = 0.0

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


def _late(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    held = str(sent.event["type"]).split(".")[1] == fault.family
    return sent._replace(at=sent.at + timedelta(days=30)) if held else sent


def _gappy(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    return None if luck.random() < LOST else sent


def _skewed(fault: FeedFault, sent: Sent, luck: Random) -> Sent | None:
    recorded = datetime.fromisoformat(str(sent.event.get("recordedtime", sent.event["time"])))
    wrong = recorded + timedelta(hours=fault.hours)
    return sent._replace(event={**sent.event, "recordedtime": msgspec.to_builtins(wrong)})


CHANGES: Final[Mapping[str, Callable[[FeedFault, Sent, Random], Sent | None]]] = {
    "silent": _silent,
    "late": _late,
    "gappy": _gappy,
    "skewed": _skewed,
}


def in_office_hours(sent: Iterable[Sent], calendars: Mapping[str, Calendar]) -> Iterator[Sent]:
    """The same from sites whose systems send on working days only: what is written on others waits for the next morning.

    So does what is written before the opening of that morning: nothing overtakes what waits.
    """
    for one in sent:
        calendar = calendars[one.site]
        first = day = calendar.day_of(one.at)
        while not calendar.works(day):
            day += timedelta(days=1)
        while not calendar.works(first - timedelta(days=1)):
            first -= timedelta(days=1)
        opening = calendar.begin(day) + timedelta(hours=OPENS_AT)
        if first == day or one.at >= opening:
            yield one
        else:
            yield one._replace(at=opening + (one.at - calendar.begin(first)) / 10_000)
