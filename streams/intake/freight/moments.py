"""Times of papers: an instant, or a day that stands for its beginning at the partner's."""

from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.template import written_time


class Moment(NamedTuple):
    """An aware instant. `is_day`: the paper names the day only, and the instant is the beginning of it."""

    at: datetime
    is_day: bool

    def written(self) -> str:
        """RFC 3339 in UTC."""
        return written_time(self.at)

    def day(self) -> str:
        """The day as its writer has it, ISO 8601."""
        return self.at.date().isoformat()

    def has_come_by(self, other: "Moment") -> bool:
        """Whether it is not after another; by days where one of them is no more than a day."""
        if self.is_day or other.is_day:
            return self.at.date() <= other.at.astimezone(self.at.tzinfo).date()
        return self.at <= other.at


def moment(text: str, picture: str, zone: tzinfo, place: str) -> Moment:
    """The moment written by a picture of strptime. What has no offset is local to `zone`. Raises `Refusal` (`bad_value`)."""
    try:
        found = datetime.strptime(text, picture)  # noqa: DTZ007 - the zone follows
        aware = found if found.tzinfo else found.replace(tzinfo=zone)
        aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal(Reason.BAD_VALUE, f"There is no time {quoted(text)}", place) from None
    return Moment(aware, "%H" not in picture)
