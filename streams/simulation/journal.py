"""What partners come to know: events as their systems write them down, before any dirt of the feed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from streams.simulation.days import Calendar

MINUTES = 12


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a site at an instant. `about` names what it tells of: a batch, a lot, an order."""

    site: str
    type: str
    at: datetime
    data: Mapping[str, object]
    about: str


@dataclass(slots=True)
class Journal:
    calendar: Calendar
    today: list[Told] = field(default_factory=list)
    history: defaultdict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    """What was told of each thing during the warm-up."""

    def tell(self, site: str, kind: str, day: int, hour: float, data: Mapping[str, object], about: str) -> None:
        """Writes an event of type `cdmo.<kind>` down, as of `hour` (UTC) of `day`."""
        # nobody works to the hour, but what happens to one thing keeps its order
        at = self.calendar.at(day, hour + crc32(about.encode()) % MINUTES / 60)
        self.today.append(Told(site, f"cdmo.{kind}", at, data, about))

    def put_away(self) -> None:
        """Ends a day of the warm-up."""
        for told in self.today:
            self.history[told.about].append(told)
        self.today.clear()

    def open_with(self, open_things: Iterable[str]) -> None:
        """Begins the first day with what was told before of things that are still open: a partner loads its backlog."""
        self.today = [told for about in open_things for told in self.history.pop(about, ())]
        self.history.clear()

    def take(self) -> list[Told]:
        """What was told today, as it happened."""
        told, self.today = self.today, []
        return sorted(told, key=lambda event: event.at)
