"""A feed in office hours, as its watch sees it: every hour from 7 to 17 on working days, a lot received at 10."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from risk_rules.working_days import Calendar
from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.refusals import Counted
from streams.ledger.trust.seen import Seen, Surrounding, seen
from streams.ledger.trust.watch import Watch, Word

MONDAY = datetime(2026, 4, 6, tzinfo=UTC)
CALENDAR = Calendar(closed=frozenset({date(2026, 5, 1), date(2026, 5, 14)}))
"""Two holidays, in the fourth and in the sixth week."""

DELAY = 2
"""Minutes until an event gets to us."""

Change = Callable[[Word], Word | None]


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return round(at.timestamp() * 1e6)


def at(day: int, hour: float = 0) -> datetime:
    """A moment of a day, counted from the first Monday."""
    return MONDAY + timedelta(days=day, hours=hour)


def word(
    arrived: datetime,
    family: str = "batch",
    number: int = -1,
    *,
    written: datetime | None = None,
    corrects: bool = False,
) -> Word:
    """An event, written down two minutes before unless said otherwise."""
    recorded = micros(arrived) - DELAY * HOUR // 60 if written is None else micros(written)
    return (micros(arrived), recorded, family, "erp", number, corrects)


def usual(days: Iterable[int]) -> Iterator[Word]:
    """What the feed says on these days, numbered from the first Monday on."""
    for day in days:
        if CALENDAR.works(at(day).date()):
            before = sum(CALENDAR.works(at(past).date()) for past in range(day))
            for hour in range(7, 18):
                yield word(at(day, hour + 0.5), "raw_material" if hour == 10 else "batch", 11 * before + hour - 7)


def lived(watch: Watch, days: range, change: Change = lambda said: said, begin: datetime = MONDAY) -> list[Seen]:
    """Let it hear that hour by hour, changed from `begin` on; what was seen of it at the end of each hour, from the first."""
    told: dict[int, list[Word]] = {}
    for one in usual(days):
        if (heard := change(one) if one[0] >= micros(begin) else one) is not None:
            told.setdefault(heard[0] // HOUR, []).append(heard)
    found = list[Seen]()
    for number in range(24 * len(days)):
        hour = at(days.start, number)
        watch.take(told.get(micros(hour) // HOUR, []), CALENDAR)
        found.append(look(watch, hour + timedelta(hours=1)))
        watch.since = dict(found[-1].since)
    return found


def look(watch: Watch, now: datetime, *, refused: Iterable[Counted] = (), **agreed: float) -> Seen:
    """The feed as of now; `agreed` in hours by family."""
    around = Surrounding(
        CALENDAR, {family.removeprefix("all"): hours for family, hours in agreed.items()}, list(refused)
    )
    return seen(watch, around, now, micros(now) // HOUR)
