"""The morning count of one site as a CSV file in its drop folder: Polish words, decimal commas, local time."""

from collections.abc import Hashable
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from streams.simulation.deliveries import Delivery, Dropped
from streams.simulation.envelope import Notice
from streams.simulation.journal import Told
from streams.simulation.tables import COLUMNS, ENCODING, line
from streams.simulation.wire.form import told_of


class CsvCounts:
    """A file a count. Rows have no id of their own: what was wrong is counted anew the next morning."""

    is_final = True

    def __init__(self, partner: str, site: str, zone: str) -> None:
        self._partner = partner
        self._site = site
        self._zone = ZoneInfo(zone)

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return told.at.date() if told.type == "cdmo.raw_material.stock_reported" else None

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        return name, self._file(name, [self._row(one) for one in told_of(notice)])

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: one row has a word for its amount, a day that is none, or one cell too many; the others are good."""
        rows = [self._row(one) for one in told_of(notice)]
        place = luck.randrange(len(rows))
        cells = rows[place].removesuffix("\r\n").split(";")
        match luck.randrange(3):
            case 0:
                cells[3] = "brak danych"
            case 1:
                cells[6] = "31.02.2027"
            case _:
                cells.insert(3, "?")
        rows[place] = ";".join(cells) + "\r\n"
        return self._file(name, rows)

    def _row(self, told: Told) -> str:
        qty = str(told.data["qty_on_hand"]).replace(".", ",")
        return line(self._site, told.at.astimezone(self._zone), told.data, qty)

    def _file(self, name: str, rows: list[str]) -> Dropped:
        return Dropped(self._partner, f"stan_{name}.csv", (COLUMNS + "".join(rows)).encode(ENCODING))
