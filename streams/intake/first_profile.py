"""The first draft of a partner's profile, with guesses from a sample; `partner check` tells what is still to be said."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from streams.intake import workbook
from streams.intake.column_guesses import Guess, decimal_comma, decoded, delimiter, guesses, thousands
from streams.intake.json_text import parse
from streams.intake.refusal import Reason, Refusal

ROWS_LOOKED_AT = 200
_HEAD = """\
# How the feeds of {partner} are read. Check it: bellwether partner check FILE. See what it makes of a file of theirs:
# bellwether mapping try SAMPLE --partner {partner}. What follows a # was guessed, or explains.
partner: {partner}
zone: UTC  # IANA, such as Europe/Zurich: that of times without an offset
contacts: []  # who is asked about the feeds
expected: {{raw_material: 7d}}  # how old the newest word of a family (shipment, raw_material, batch, deviation) may become
tables:  # the partner's codes and ours; a field or $ours() that names a table refuses a code that is not in it
  statuses: {{}}  # such as {{frei: released, gesperrt: on_hold}}
units: {{}}  # the partner's units and those of UN/ECE Rec 20, such as {{kg: KGM}}
feeds:
  {feed}:
"""
_UNKNOWN_TIME = "{say which column tells when}"


def draft(partner: str, form: str, sample: bytes, file: str) -> str:
    """A profile with one feed of the format, as commented YAML. Raises `Refusal` when the sample cannot be read."""
    head = _HEAD.format(partner=partner, feed="first")
    match form:
        case "csv":
            return head + _csv(partner, sample, file)
        case "xlsx":
            return head + _xlsx(partner, sample, file)
        case "json":
            return head + _json(partner, sample)
        case _:
            return head + _lines([f"format: {form}", f"source: /{partner}"], 4)


def _csv(partner: str, sample: bytes, file: str) -> str:
    text, encoding = decoded(sample)
    lines = [line for line in text.splitlines() if line.strip()][: ROWS_LOOKED_AT + 1]
    sign = delimiter(lines)
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=sign))
    if not rows:
        raise Refusal(Reason.EMPTY, "The sample has no row")
    cells = [cell.strip() for row in rows[1:] for cell in row]
    decimal = "," if decimal_comma(cells) else "."
    said = [
        "format: csv",
        "transport: files  # or topic, or webhook",
        f"files: {_quoted(_pattern(file))}",
        f"source: /{partner}",
        f"encoding: {encoding}",
        f"delimiter: {_quoted(sign)}",
        f"decimal: {_quoted(decimal)}",
        f"thousands: {_quoted(thousands(cells, decimal))}",
    ]
    names = [name.strip() for name in rows[0]]
    return _lines([*said, *_table(names, [[cell.strip() for cell in row] for row in rows[1:]])], 4)


def _xlsx(partner: str, sample: bytes, file: str) -> str:
    rows = [row for row, _ in zip(workbook.rows(sample, None), range(ROWS_LOOKED_AT + 1), strict=False)]
    if not rows:
        raise Refusal(Reason.EMPTY, "The first sheet of the sample is empty")
    said = [
        "format: xlsx  # the first sheet; else say sheet: NAME",
        "transport: files  # or topic, or webhook",
        f"files: {_quoted(_pattern(file))}",
        f"source: /{partner}",
    ]
    return _lines([*said, *_table([str(cell or "") for cell in rows[0].cells], [row.cells for row in rows[1:]])], 4)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    found = guesses(names, rows)
    by_field = {guess.field: guess for guess in found}
    said = [
        'absent: ["-"]  # what stands for no value',
        "fields:" if found else "fields: {}",
        *(f"  {guess.field}: {_field(guess)}" for guess in found),
        "events:  # one row may give several; the types and their data are in docs/events.md",
        "  - name: counted",
        "    type: cdmo.raw_material.stock_reported",
        '    id: "{row_digest}"  # better what the partner calls it, such as "{lot}/{counted}"',
        f"    time: {_quoted('{counted}' if 'counted' in by_field else _first_time(found))}",
    ]
    if "site" in by_field:
        said.append('    site: "{site}"')
    said.append("    data:")
    data = {
        "material_code": "material", "internal_lot": "lot", "qty_on_hand": "quantity", "uom": "unit", "status": "status",
        "expiry_date": "expiry",
    }  # fmt: skip
    said += [f'      {key}: "{{{field}}}"' for key, field in data.items() if field in by_field]
    said += [
        f"      # {key}: ...  (no column of the sample sounds like it)"
        for key, field in data.items()
        if field not in by_field
    ]
    return said


def _field(guess: Guess) -> str:
    parts = [f"column: {_quoted(guess.column)}"]
    if guess.type != "text":
        parts.append(f"type: {guess.type}")
    if guess.dates not in (None, "iso"):
        parts.append(f"dates: [{_quoted(guess.dates)}]")
    if guess.field == "status":
        parts.append("table: statuses")
    if guess.field in ("material", "lot", "quantity", "counted"):
        parts.append("required: true")
    return "{" + ", ".join(parts) + "}"


def _first_time(found: Sequence[Guess]) -> str:
    return next((f"{{{guess.field}}}" for guess in found if guess.type == "time"), _UNKNOWN_TIME)


def _json(partner: str, sample: bytes) -> str:
    document = parse(sample)
    path, items = _items(document, ())
    around = cast("dict[str, Any]", document) if path and isinstance(document, dict) else {}
    first = items[0] if items else {}

    def like(*words: str) -> str:
        return _like(first, around, words)

    said = [
        "format: json",
        "transport: topic  # or files with files: PATTERN, or webhook",
        f"source: /{partner}",
        "# JSONata (docs.jsonata.org): gives one event, a list of them, or nothing. Besides its own functions there are",
        "# $ours(table, code), $unit(code), $at(text, pictures), $day(text, pictures), $digest(value); $$ is the whole record.",
        f"# An item of the sample has: {', '.join(first) or 'nothing'}",
        "map: |",
        f"  {'.'.join(map(_step, path)) or '$'}.{{",
        '    "type": "cdmo.raw_material.stock_reported",',
        '    "id": $digest($),',
        f'    "time": $at({like("time", "date", "at", "stamp", "count")}),',
        f'    "siteid": {like("site", "plant", "location")},',
        '    "data": {',
        f'      "material_code": {like("material", "item", "code", "sku", "product")},',
        f'      "internal_lot": {like("lot", "batch")},',
        f'      "qty_on_hand": {like("qty", "quant", "amount", "hand")},',
        f'      "uom": $unit({like("uom", "unit")}),',
        '      "status": "released"',
        "    }",
        "  }",
    ]
    return _lines(said, 4)


def _items(value: Any, path: tuple[str, ...]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The first list of objects in a document, and the way to it; else the document itself."""
    if isinstance(value, list):
        return path, [cast("dict[str, Any]", one) for one in cast("list[Any]", value) if isinstance(one, dict)]
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        for key, one in found.items():
            if isinstance(one, list | dict):
                deeper, items = _items(cast("Any", one), (*path, key))
                if items and deeper != path and isinstance(_at(found, deeper[len(path) :]), list):
                    return deeper, items
        return path, [found]
    return path, []


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = cast("dict[str, Any]", value).get(step) if isinstance(value, dict) else None
    return value


def _like(item: Mapping[str, Any], around: Mapping[str, Any], words: Sequence[str]) -> str:
    """The first member whose name sounds so, of the item or of the whole record; JSONata's `null` where none does."""
    for names, before in ((item, ""), (around, "$$.")):
        name = next((name for word in words for name in names if word in name.lower()), None)
        if name is not None:
            return before + _step(name)
    return "null"


def _step(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else f"`{name}`"


def _pattern(file: str) -> str:
    """Files of such a name, whatever number or date is in it."""
    plain = "".join("*" if character.isdigit() else character for character in file)
    while "**" in plain:
        plain = plain.replace("**", "*")
    return plain


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _lines(lines: Sequence[str], indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)
