"""How the word gets out: envelopes, sequence numbers, and all the ways in which a feed is late, doubled and wrong."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Protocol

from streams.network.model import Network
from streams.simulation import dirt
from streams.simulation.chance import dice
from streams.simulation.days import Calendar
from streams.simulation.deliveries import Delivery
from streams.simulation.envelope import Notice, Writer
from streams.simulation.journal import Told

LATE = 0.02
"""Written down hours or a day after it happened."""

REPEATED = 0.02
CORRECTED = 0.004
WITHDRAWN = 0.002
DELAYED = 0.01
"""On the way for hours, so that what came after it is there before it."""

OUTAGE = 0.015
"""Of a site on a day: what it writes after noon goes out the next morning."""


class Writes(Protocol):
    """Writes down what one site tells. `written`: in hours since the beginning."""

    def papers(self, told: Sequence[Told]) -> Iterator[tuple[Told, ...]]:
        """What of a day is told of together."""
        ...

    def write(self, notice: Notice, written: float) -> tuple[str, Delivery]:
        """The id of the notice's event as the intake will know it, and what is sent."""
        ...

    def spoil(self, notice: Notice, written: float, luck: Random) -> Delivery:
        """Something that is not taken."""
        ...

    def is_final(self, notice: Notice) -> bool:
        """Whether it can be neither corrected nor withdrawn."""
        ...

    def bad(self, notice: Notice) -> float:
        """The part of such notices before which something comes that nobody can read."""
        ...


Speech = Callable[[Network, Calendar, str], Writes]
"""In which formats the partners tell: who writes for a site."""

PLAIN: Speech = Writer
"""CloudEvents from all, and rows of a table from one: the quickest to read."""


class Feed:
    """The feeds of all sites. Times inside are hours since midnight UTC before day 0."""

    def __init__(self, network: Network, calendar: Calendar, seed: int, speech: Speech = PLAIN) -> None:
        self.calendar = calendar
        self.seed = seed
        self.writers = {site: speech(network, calendar, site) for site in network.sites}
        self.luck: dict[str, Random] = {site: dice(seed, "feed", site) for site in network.sites}
        self.order = count()
        self.unwritten: list[tuple[float, int, Notice]] = []
        self.unsent: list[tuple[float, int, Delivery]] = []
        self.held: defaultdict[str, float] = defaultdict(lambda: float("-inf"))
        """Until when nothing more is written of a thing, since something about it is late itself."""
        self.silences: dict[str, tuple[float, float]] = {}

    def silence(self, site: str, begin: int, end: int) -> None:
        """Lets nothing out of a site from day to day (exclusive); all of it comes at the end."""
        self.silences[site] = (24.0 * begin, 24.0 * end)

    def send(self, day: int, told: Sequence[Told]) -> list[Delivery]:
        """Takes what happened on a day and returns what is sent on it, in order."""
        by_site: dict[str, list[Told]] = {}
        for event in told:
            by_site.setdefault(event.site, []).append(event)
        for site, some in by_site.items():
            for paper in self.writers[site].papers(some):
                self._take(paper)
        midnight = 24.0 * (day + 1)
        while self.unwritten and self.unwritten[0][0] < midnight:
            written, _, notice = heappop(self.unwritten)
            self._write(written, notice)
        sent: list[Delivery] = []
        while self.unsent and self.unsent[0][0] < midnight:
            sent.append(heappop(self.unsent)[2])
        return sent

    def _take(self, paper: tuple[Told, ...]) -> None:
        """A paper is written down soon after the last that it tells of. Of a list, what is held back goes on a later one."""
        luck = self.luck[paper[0].site]
        written = self.calendar.hours(max(event.at for event in paper)) + luck.uniform(0.01, 0.4)
        if luck.random() < LATE:
            written += luck.uniform(3, 26)
            self.held.update((event.about, written) for event in paper)
        until = max(self.held[event.about] for event in paper)
        is_list = all(event.type == paper[0].type for event in paper)
        ready = tuple(event for event in paper if self.held[event.about] <= written) if is_list else ()
        if ready:
            self._note(written, _notice(ready))
        if len(ready) < len(paper):
            self._note(max(written, until), _notice(tuple(event for event in paper if event not in ready)))

    def _note(self, written: float, notice: Notice) -> None:
        heappush(self.unwritten, (written, next(self.order), notice))

    def _write(self, written: float, notice: Notice) -> None:
        site, luck = notice.site, self.luck[notice.site]
        writer = self.writers[site]
        if luck.random() < writer.bad(notice):
            self._out(written, site, writer.spoil(notice, written, luck))
        if writer.is_final(notice):
            self._post(written, notice)
            return
        if notice.corrects is None and luck.random() < CORRECTED and (slip := dirt.slip_of_the_pen(notice.data)):
            wrong = notice._replace(data=slip)
            identity = self._post(written, wrong)
            self._note(written + luck.uniform(0.5, 6), notice._replace(corrects=identity, wrong=wrong))
            return
        self._post(written, notice)
        if luck.random() < WITHDRAWN and (phantom := dirt.phantom(notice)):
            never = self._post(written + 0.02, phantom)
            told: Mapping[str, object] = {"event_id": never, "reason": "booked by mistake"}
            later = written + luck.uniform(0.5, 8)
            self._note(later, Notice(site, "cdmo.event.withdrawn", self.calendar.at(0, later), told))

    def _post(self, written: float, notice: Notice) -> str:
        """Gives a notice its envelope and sends it, twice at times. Returns its id."""
        site, luck = notice.site, self.luck[notice.site]
        identity, delivery = self.writers[site].write(notice, written)
        self._out(written, site, delivery)
        if luck.random() < REPEATED:
            self._out(written + luck.choice((0.05, 1, 8, 30, 70)) * luck.uniform(0.5, 1), site, delivery)
        return identity

    def _out(self, at: float, site: str, delivery: Delivery) -> None:
        luck = self.luck[site]
        at += luck.uniform(0.001, 0.02)
        if luck.random() < DELAYED:
            at += luck.uniform(0.5, 6)
        day, hour = divmod(at, 24)
        if hour > 12 and dice(self.seed, "outage", site, int(day)).random() < OUTAGE:
            at = 24 * (day + 1) + 5 + hour / 100
        begin, end = self.silences.get(site, (0.0, 0.0))
        if begin <= at < end:
            at = end + (at - begin) / 1000
        heappush(self.unsent, (at, next(self.order), delivery))


def _notice(paper: tuple[Told, ...]) -> Notice:
    first, *more = paper
    return Notice(first.site, first.type, first.at, first.data, tuple(more))
