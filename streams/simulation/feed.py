"""How the word gets out: envelopes, sequence numbers, and all the ways in which a feed is late, doubled and wrong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from random import Random

from streams.network.model import Network
from streams.simulation import dirt
from streams.simulation.chance import dice
from streams.simulation.days import Calendar
from streams.simulation.envelope import Notice, Record, Writer
from streams.simulation.journal import Told

LATE = 0.02
"""Written down hours or a day after it happened."""

REPEATED = 0.02
CORRECTED = 0.004
WITHDRAWN = 0.002
BAD = 0.003
DELAYED = 0.01
"""On the way for hours, so that what came after it is there before it."""

OUTAGE = 0.015
"""Of a site on a day: what it writes after noon goes out the next morning."""


class Feed:
    """The feeds of all sites. Times inside are hours since midnight UTC before day 0."""

    def __init__(self, network: Network, calendar: Calendar, seed: int) -> None:
        self.calendar = calendar
        self.seed = seed
        self.writers = {site: Writer(network, calendar, site) for site in network.sites}
        self.luck: dict[str, Random] = {site: dice(seed, "feed", site) for site in network.sites}
        self.order = count()
        self.unwritten: list[tuple[float, int, Notice]] = []
        self.unsent: list[tuple[float, int, Record]] = []
        self.held: defaultdict[str, float] = defaultdict(lambda: float("-inf"))
        """Until when nothing more is written of a thing, since something about it is late itself."""
        self.silences: dict[str, tuple[float, float]] = {}

    def silence(self, site: str, begin: int, end: int) -> None:
        """Lets nothing out of a site from day to day (exclusive); all of it comes at the end."""
        self.silences[site] = (24.0 * begin, 24.0 * end)

    def send(self, day: int, told: Sequence[Told]) -> list[Record]:
        """Takes what happened on a day and returns the records that are sent on it, in order."""
        for event in told:
            self._take(event)
        midnight = 24.0 * (day + 1)
        while self.unwritten and self.unwritten[0][0] < midnight:
            written, _, notice = heappop(self.unwritten)
            self._write(written, notice)
        sent: list[Record] = []
        while self.unsent and self.unsent[0][0] < midnight:
            sent.append(heappop(self.unsent)[2])
        return sent

    def _take(self, event: Told) -> None:
        luck = self.luck[event.site]
        written = self.calendar.hours(event.at) + luck.uniform(0.01, 0.4)
        if luck.random() < LATE:
            written += luck.uniform(3, 26)
            self.held[event.about] = written
        self._note(max(written, self.held[event.about]), Notice(event.site, event.type, event.at, event.data))

    def _note(self, written: float, notice: Notice) -> None:
        heappush(self.unwritten, (written, next(self.order), notice))

    def _write(self, written: float, notice: Notice) -> None:
        site, luck = notice.site, self.luck[notice.site]
        if luck.random() < BAD:
            self._out(written, site, self.writers[site].spoil(notice, written, luck))
        if self.writers[site].in_table(notice):
            self._post(written, notice)
            return
        if notice.corrects is None and luck.random() < CORRECTED and (slip := dirt.slip_of_the_pen(notice.data)):
            wrong = self._post(written, notice._replace(data=slip))
            self._note(written + luck.uniform(0.5, 6), notice._replace(corrects=wrong))
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
        identity, record = self.writers[site].write(notice, written)
        self._out(written, site, record)
        if luck.random() < REPEATED:
            self._out(written + luck.choice((0.05, 1, 8, 30, 70)) * luck.uniform(0.5, 1), site, record)
        return identity

    def _out(self, at: float, site: str, record: Record) -> None:
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
        heappush(self.unsent, (at, next(self.order), record))
