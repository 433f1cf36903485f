"""The morning count that one partner sends as rows of a table, as its warehouse system writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from streams.intake import csv_table, feed_record

TABULAR: Mapping[str, str] = {"vistula": "stan"}
"""Partners that send their counts as rows, and the feed of their profile that reads them (`streams/simulation/profiles`)."""

COLUMNS = "Zakład;Materiał;Partia;Ilość;JM;Status;Data ważności;Stan na\r\n"
UNITS = {"KGM": "kg", "C62": "szt.", "EA": "op."}
STATUSES = {"released": "zwolniona", "quarantine": "kwarantanna", "rejected": "odrzucona"}
ENCODING = "cp1250"

Headers = tuple[tuple[str, bytes], ...]


class Counts:
    """Writes the rows of one site's counts, a file a day."""

    def __init__(self, feed: str, site: str, zone: str) -> None:
        self.feed = feed
        self.site = site
        self.zone = ZoneInfo(zone)
        self.file_of: date | None = None
        self.line = 1

    def row(self, at: datetime, data: Mapping[str, object]) -> tuple[Headers, bytes]:
        """Headers and value of the record of a counted lot."""
        return self._record(at, data, f"{data['qty_on_hand']}".replace(".", ","))

    def spoilt_row(self, at: datetime, data: Mapping[str, object]) -> tuple[Headers, bytes]:
        """The same with a word where the quantity belongs."""
        return self._record(at, data, "brak danych")

    def _record(self, at: datetime, data: Mapping[str, object], qty: str) -> tuple[Headers, bytes]:
        local = at.astimezone(self.zone)
        self.line = self.line + 1 if self.file_of == local.date() else 2
        self.file_of = local.date()
        content = line(self.site, local, data, qty).encode(ENCODING)
        record = feed_record.row(
            content, COLUMNS.encode(ENCODING), self.line,
            feed=self.feed, media_type=csv_table.MEDIA_TYPES[0], file=f"stan_{self.site}_{local:%Y%m%d}.csv",
        )  # fmt: skip
        return tuple(record.headers), record.value


def line(site: str, local: datetime, data: Mapping[str, object], qty: str) -> str:
    """The row of a lot counted at a local time, with its quantity as it is written."""
    cells = [
        site,
        data["material_code"],
        data["internal_lot"],
        qty,
        UNITS[str(data["uom"])],
        STATUSES[str(data["status"])],
        f"{date.fromisoformat(str(data['expiry_date'])):%d.%m.%Y}",
        f"{local:%d.%m.%Y %H:%M:%S}",
    ]
    return ";".join(map(str, cells)) + "\r\n"
