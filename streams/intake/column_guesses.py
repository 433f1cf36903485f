"""What a table's columns may hold, guessed from their names and the values of a sample. A person corrects the guesses."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from streams.intake.table_file import FieldType

DELIMITERS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8", "cp1252")
DATES = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%d-%b-%y", "%d-%b-%Y", "%Y%m%d", "%Y/%m/%d",
)  # fmt: skip
"""After ISO 8601. A column whose days never go beyond the 12th may be read as day and month by mistake: check it."""

WORDS: Mapping[str, Sequence[str]] = {
    "lot": ("lot", "batch", "charge", "partia", "lote", "lotto"),
    "material": ("material", "item", "product", "artikel", "article", "sku", "código", "codigo", "produit"),
    "site": ("site", "plant", "werk", "usine", "planta", "zakład", "location", "warehouse"),
    "expiry": ("expir", "verfall", "best before", "best_before", "shelf", "ważno", "caduc", "péremption", "use by"),
    "quantity": ("qty", "quantity", "menge", "bestand", "ilość", "stock", "cantidad", "quantité", "on hand", "amount"),
    "unit": ("uom", "unit", "einheit", "jm", "unidad", "unité"),
    "status": ("status", "state", "zustand", "estado", "statut"),
    "counted": ("count", "as of", "stand", "date", "datum", "time", "fecha", "stan na", "timestamp"),
}
"""Parts of column names in the languages of partners so far, by what they mean; the first that fits is taken."""

_number = re.compile(r"[+-]?\d+(?:[.,' ]\d{3})*(?:[.,]\d+)?", re.ASCII)
_comma = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*,\d+|[+-]?\d+,\d+", re.ASCII)
_DATES_OF_TIMES = ("%H",)


class Guess(NamedTuple):
    """A column: what its field may be called, the type, and the format of its dates."""

    column: str
    field: str
    type: FieldType
    dates: str | None


def decoded(sample: bytes) -> tuple[str, str]:
    """The text of a sample and its encoding."""
    plain = sample.removeprefix(b"\xef\xbb\xbf")
    for encoding in ENCODINGS:
        try:
            return plain.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return plain.decode("latin-1"), "latin-1"


def delimiter(lines: Sequence[str]) -> str:
    """The sign that parts the most lines into as many cells as the first."""
    top = lines[0] if lines else ""

    def agreement(sign: str) -> tuple[int, int]:
        count = top.count(sign)
        return (sum(line.count(sign) == count for line in lines) if count else 0), count

    return max(DELIMITERS, key=agreement)


def decimal_comma(cells: Iterable[str]) -> bool:
    """Whether any cell is a number with a comma as decimal sign."""
    return any(_comma.fullmatch(cell) for cell in cells)


def thousands(cells: Iterable[str], decimal: str) -> str:
    """The sign that parts thousands where any number has one; else none."""
    found = {cell for cell in cells if re.fullmatch(r"\d{1,3}([.,' ]\d{3})+([.,]\d+)?", cell)}
    signs = {sign for cell in found for sign in ".,' " if sign in cell and sign != decimal}
    return min(signs) if len(signs) == 1 and (decimal == "," or "," in signs) else ""


def guesses(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Guess]:
    """A guess for each column, in order. Cells are texts, or typed as in a spreadsheet."""
    taken: set[str] = set()
    found: list[Guess] = []
    for position, name in enumerate(names):
        cells = [row[position] for row in rows if position < len(row) and row[position] not in (None, "")]
        dates = _dates(cells)
        meaning = next((word for word in WORDS if word not in taken and _means(name, word, dates is not None)), None)
        field = meaning or _identifier(name, position)
        if field in taken:
            field = f"{field}_{position + 1}"
        taken.add(field)
        found.append(Guess(name, field, _type(meaning, cells, dates), dates))
    return found


def _means(name: str, meaning: str, is_date: bool) -> bool:
    if is_date != (meaning in ("expiry", "counted")):
        return False
    return any(word in name.lower() for word in WORDS[meaning])


def _type(meaning: str | None, cells: Sequence[Any], dates: str | None) -> FieldType:
    if dates is not None:
        timed = any(part in dates for part in _DATES_OF_TIMES) or (dates == "iso" and _any_time(cells))
        return "time" if timed or meaning == "counted" else "day"
    if meaning == "unit":
        return "unit"
    is_number = bool(cells) and all(
        isinstance(cell, int | float) or (isinstance(cell, str) and _number.fullmatch(cell)) for cell in cells
    )
    return "number" if is_number and (meaning == "quantity" or meaning is None) else "text"


def _any_time(cells: Sequence[Any]) -> bool:
    return any(len(str(cell)) > len("2026-01-31") and not str(cell).endswith("00:00:00") for cell in cells)


def _dates(cells: Sequence[Any]) -> str | None:
    """The first format that all cells have; None where there is none, or no cell."""
    if not cells:
        return None
    if all(isinstance(cell, datetime) for cell in cells):
        return "iso"
    texts = [cell for cell in cells if isinstance(cell, str)]
    if len(texts) < len(cells):
        return None
    return next((shape for shape in ("iso", *DATES) if all(_is_written(text, shape) for text in texts)), None)


def _is_written(text: str, shape: str) -> bool:
    if shape == "iso" and "-" not in text:
        return False  # 20260131 is more often a number
    try:
        datetime.fromisoformat(text) if shape == "iso" else datetime.strptime(text, shape)  # noqa: DTZ007 - only looked at
    except ValueError:
        return False
    return True


def _identifier(name: str, position: int) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain if plain and plain[0].isalpha() else f"column_{position + 1}"
