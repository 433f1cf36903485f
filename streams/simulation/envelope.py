"""What partners write: CloudEvents in structured or binary mode with what their systems add, and rows of tables."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from streams.network.model import Network
from streams.simulation import dirt
from streams.simulation.days import Calendar
from streams.simulation.journal import Told
from streams.simulation.tables import TABULAR, Counts

BINARY = frozenset({"sterifill"})
"""Partners that send the envelope in the headers of the record."""

NUMBERED = frozenset({"alpenbio", "corvia", "norpac"})
"""Partners that give each report a sequence number; the others only say when they wrote it down."""

LOCAL_TIME = frozenset({"lumena"})
"""Partners that write local time with its offset."""


BAD = 0.003
"""The part of records before which a spoilt one comes."""


class Record(NamedTuple):
    """A record for `cdmo.<partner>.inbound`."""

    partner: str
    headers: tuple[tuple[str, bytes], ...]
    key: bytes
    value: bytes


class Notice(NamedTuple):
    """An event that is to be written down, and `more` that the same paper tells of.

    `corrects` is the id of the event whose place it takes, `wrong` the notice that said so.
    """

    site: str
    type: str
    at: datetime
    data: Mapping[str, object]
    more: tuple[Told, ...] = ()
    corrects: str | None = None
    wrong: "Notice | None" = None


class Writer:
    """Writes the records of one site."""

    def __init__(self, network: Network, calendar: Calendar, site: str) -> None:
        place = network.sites[site]
        self.site = site
        self.partner = place.partner
        self.calendar = calendar
        self.zone = ZoneInfo(place.zone) if place.partner in LOCAL_TIME else None
        self.written = 0
        feed = TABULAR.get(place.partner)
        self.counts = None if feed is None else Counts(feed, site, place.zone)

    def papers(self, told: Sequence[Told]) -> Iterator[tuple[Told, ...]]:
        """What is told of together: here each event goes on its own."""
        return ((one,) for one in told)

    def in_table(self, notice: Notice) -> bool:
        """Whether the notice goes into a table, whose rows can be neither corrected nor withdrawn."""
        return self.counts is not None and notice.type == "cdmo.raw_material.stock_reported"

    def is_final(self, notice: Notice) -> bool:
        """Whether it can be neither corrected nor withdrawn."""
        return self.in_table(notice)

    def bad(self, notice: Notice) -> float:
        """The part of such notices before which something comes that nobody can read."""
        return BAD

    def write(self, notice: Notice, written: float) -> tuple[str, Record]:
        """The id and the record of a notice that is written down `written` hours after the start.

        A row of a table has no id that its writer knows: it is empty.
        """
        if self.counts is not None and self.in_table(notice):
            return "", self._record(*self.counts.row(notice.at, notice.data))
        envelope = self._envelope(notice, written)
        return str(envelope["id"]), self._binary(envelope) if self.partner in BINARY else self._structured(envelope)

    def structured(self, notice: Notice, written: float) -> tuple[str, bytes]:
        """The id and the JSON of an event, as one of a batch."""
        envelope = self._envelope(notice, written)
        return str(envelope["id"]), msgspec.json.encode(envelope)

    def spoil(self, notice: Notice, written: float, luck: Random) -> Record:
        """A record that nobody can take for an event."""
        if self.counts is not None and self.in_table(notice):
            return self._record(*self.counts.spoilt_row(notice.at, notice.data))
        value = dirt.spoilt(self._envelope(notice, written), luck)
        return self._record((("content-type", b"application/cloudevents+json"),), value)

    def _envelope(self, notice: Notice, written: float) -> dict[str, object]:
        self.written += 1
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": f"{self.site}-{self.written:06}",
            "source": f"//{self.partner}/erp/{self.site}",
            "type": notice.type,
            "time": self._time(notice.at),
            "siteid": self.site,
            "recordedtime": self._time(self.calendar.at(0, written)),
            "datacontenttype": "application/json",
            "data": notice.data,
        }
        if self.partner in NUMBERED:
            envelope["sequence"] = str(self.written)
        if notice.corrects is not None:
            envelope["corrects"] = notice.corrects
        return envelope

    def _time(self, at: datetime) -> str:
        if self.zone is not None:
            return at.astimezone(self.zone).isoformat()
        return at.isoformat().replace("+00:00", "Z")

    def _structured(self, envelope: Mapping[str, object]) -> Record:
        headers = (("content-type", b"application/cloudevents+json; charset=utf-8"),)
        return self._record(headers, msgspec.json.encode(envelope))

    def _binary(self, envelope: dict[str, object]) -> Record:
        data = envelope.pop("data")
        content = str(envelope.pop("datacontenttype")).encode()
        headers = tuple((f"ce_{name}", str(value).encode()) for name, value in envelope.items())
        return self._record((*headers, ("content-type", content)), msgspec.json.encode(data))

    def _record(self, headers: tuple[tuple[str, bytes], ...], value: bytes) -> Record:
        return Record(self.partner, headers, self.site.encode(), value)
