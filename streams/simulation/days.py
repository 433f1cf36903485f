"""The simulation counts in days: day 0 is the first that partners report, days before it are the warm-up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns the number of a day into a date, and a day with an hour (UTC) into an instant."""

    start: date

    def date(self, day: int) -> date:
        return self.start + timedelta(days=day)

    def iso(self, day: int) -> str:
        return self.date(day).isoformat()

    def at(self, day: int, hour: float) -> datetime:
        """The instant `hour` hours (may be over 24) after midnight UTC of `day`, to the second."""
        midnight = datetime.combine(self.date(day), time(), UTC)
        return midnight + timedelta(seconds=round(hour * 3600))

    def hours(self, at: datetime) -> float:
        """The hours from midnight UTC before day 0 to an instant."""
        return (at - self.at(0, 0)).total_seconds() / 3600

    def monday(self, day: int) -> int:
        """The day number of the Monday of the week of `day`."""
        return day - self.date(day).weekday()

    def week(self, day: int) -> str:
        """The ISO week of `day`: `2026-W14`."""
        year, week, _ = self.date(day).isocalendar()
        return f"{year}-W{week:02}"
