"""The hours that the lines of one site can give and have promised, as a workbook in its drop folder."""

import io
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from streams.simulation.deliveries import Delivery, Dropped
from streams.simulation.envelope import Notice
from streams.simulation.journal import Told
from streams.simulation.wire.form import told_of

COLUMNS: Final = ("Linia", "Tydzień", "Godziny dostępne", "Godziny zajęte", "Stan na")
DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - the day zero of spreadsheets has no zone
ALWAYS: Final = (2025, 1, 1, 0, 0, 0)
"""The date of the parts of a workbook: the same rows give the same bytes."""

_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

PARTS: Final[Mapping[str, str]] = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Godziny" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" xfId="0"/><xf numFmtId="22" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
"""All of a workbook but its rows (ECMA-376, part 1): one sheet, and a style for dates with a time."""

Cell = str | float | datetime


class XlsxHours:
    """A workbook a report."""

    is_final = True

    def __init__(self, partner: str, site: str, zone: str) -> None:
        self._partner = partner
        self._zone = ZoneInfo(zone)

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return told.at.date() if told.type == "cdmo.batch.capacity_reported" else None

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        return name, self._file(name, workbook([COLUMNS, *map(self._row, told_of(notice))]))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: a word for the hours of a row, or half of a workbook."""
        rows = [list(self._row(one)) for one in told_of(notice)]
        if luck.random() < 0.5:
            rows[luck.randrange(len(rows))][3] = "do ustalenia"
            return self._file(name, workbook([COLUMNS, *rows]))
        whole = workbook([COLUMNS, *rows])
        return self._file(name, whole[: len(whole) // 2])

    def _row(self, told: Told) -> Sequence[Cell]:
        data = told.data
        hours = (float(str(data["available_hours"])), float(str(data["committed_hours"])))
        return str(data["line"]), str(data["period"]), *hours, told.at.astimezone(self._zone).replace(tzinfo=None)

    def _file(self, name: str, content: bytes) -> Dropped:
        return Dropped(self._partner, f"godziny_{name}.xlsx", content)


def workbook(rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet. The same rows give the same bytes."""
    written = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        for name, text in {**PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            packed.writestr(ZipInfo(name, ALWAYS), _DECLARED + text, ZIP_DEFLATED)
    return out.getvalue()


def _cell(cell: Cell) -> str:
    match cell:
        case str():
            return f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        case datetime():
            return f'<c s="1"><v>{(cell - DAY_ZERO).total_seconds() / 86400!r}</v></c>'
        case _:
            return f"<c><v>{cell!r}</v></c>"
