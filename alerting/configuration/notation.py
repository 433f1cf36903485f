"""How spans, times, days, zones and countries are written in `alerting.yaml`, and what they mean."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from alerting.configuration.hours import instant
from risk_rules.problems import did_you_mean
from risk_rules.public_holidays import PublicHolidays, UnknownCountryError


class NotationError(ValueError):
    """A text that does not mean what it should. `hint` says what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NAME: Final = r"^[^\s\x00-\x1f\x7f\"'\\,/]+$"
DURATION: Final = r"^(?=\d)(\d{1,4}w)?(\d{1,5}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,7}s)?$"
CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
HOURS: Final = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]|24):[0-5]\d$"
DAY: Final = r"^20\d\d-\d\d-\d\d$"
MOMENT: Final = r"^20\d\d-\d\d-\d\d([T ]\d\d:\d\d)?$"
PERIOD: Final = r"^(day|week|[1-9]\d{0,2} (days?|weeks?))$"
COUNTRY: Final = r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$"

LONGEST: Final = timedelta(days=366)


def name(text: str) -> str:
    """The name of a receiver, a team, a policy. Raises `NotationError`."""
    if not re.fullmatch(NAME, text):
        raise NotationError(
            f"{_shown(text)} is no name", "a name has no spaces, quotes, commas, slashes or backslashes"
        )
    return text


def duration(text: str) -> timedelta:
    """`90s`, `15m`, `2h`, `1d`, `2w`, `1h30m`. Raises `NotationError`."""
    found = re.match(DURATION, text)
    if found is None or text.endswith("\n"):
        raise NotationError(f"{_shown(text)} is no span of time", "write it as 30s, 15m, 2h, 1d, 1w or 1h30m")
    weeks, days, hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in found.groups())
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if span > LONGEST:
        raise NotationError(f"{_shown(text)} is longer than a year", "write a shorter one")
    return span


def shown_duration(span: timedelta) -> str:
    """The span as `duration` reads it: `1d6h`, `30s`."""
    left, parts = round(span.total_seconds()), list[str]()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def clock(text: str) -> time:
    """`08:00`. Raises `NotationError`."""
    if not re.fullmatch(CLOCK, text):
        raise NotationError(f"{_shown(text)} is no time of day", 'write it as "08:00"')
    return time.fromisoformat(text)


def hours(text: str) -> tuple[time, time]:
    """`08:00-18:00`, past midnight `22:00-06:00`, to the end of the day `18:00-24:00`. Raises `NotationError`."""
    if not re.fullmatch(HOURS, text) or (text[6:8] == "24" and not text.endswith("24:00")):
        raise NotationError(f"{_shown(text)} are no hours of a day", 'write them as "08:00-18:00"')
    begin, end = time.fromisoformat(text[:5]), time.fromisoformat(text[6:].replace("24:00", "00:00"))
    if begin == end:
        raise NotationError(f"{text} is a whole day", "leave the hours out for whole days")
    return begin, end


def weekdays(names: Iterable[str]) -> frozenset[int]:
    """Their numbers, Monday 0."""
    return frozenset(WEEKDAYS.index(name) for name in names)


def day(text: str) -> date:
    """`2026-03-31`. Raises `NotationError`."""
    try:
        if re.fullmatch(DAY, text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise NotationError(f"{_shown(text)} is not a day of the calendar", "write it as 2026-03-31")


def moment(text: str, zone: tzinfo) -> datetime:
    """`2026-12-24 09:00` in the zone, in UTC; without a time the day's begin. Raises `NotationError`."""
    if not re.fullmatch(MOMENT, text):
        raise NotationError(f"{_shown(text)} is no moment", 'write it as 2026-12-24 or "2026-12-24 09:00"')
    return instant(day(text[:10]), clock(text[11:]) if len(text) > len("2026-12-24") else time(), zone)


def period(text: str) -> int:
    """`day`, `week`, `2 weeks`, `10 days`: how many days. Raises `NotationError`."""
    if not re.fullmatch(PERIOD, text):
        raise NotationError(f"{_shown(text)} is no turn of a rota", "write week, day, 2 weeks or 10 days")
    number, _, unit = text.rpartition(" ")
    return int(number or 1) * (7 if unit.startswith("week") else 1)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def zone(text: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises `NotationError`."""
    if text not in zones():
        hint = did_you_mean(text, zones()) or "use an IANA name such as Europe/Zurich"
        raise NotationError(f"unknown time zone {_shown(text)}", hint)
    return ZoneInfo(text)


def holidays(text: str) -> PublicHolidays:
    """The public holidays of `CH` or `CH-BS`. Raises `NotationError`."""
    if not re.fullmatch(COUNTRY, text):
        raise NotationError(f"{_shown(text)} is no country", "write CH, or CH-BS for its region (ISO 3166)")
    country, _, region = text.partition("-")
    try:
        return PublicHolidays(country, region or None)
    except UnknownCountryError as error:
        raise NotationError(str(error), "write CH, or CH-BS for its region (ISO 3166)") from None


UTC_ZONE: Final = ZoneInfo("UTC")


def shown_at(at: datetime, zone: tzinfo = UTC) -> str:
    """An instant for people, in the zone: `Mon 2026-03-30 08:00 CEST`."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


def _shown(text: str) -> str:
    return repr(text[:60])
