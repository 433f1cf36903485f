"""The trade items in an event, as amounts of lots of our materials."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from streams.intake.draft import Codes
from streams.intake.epcis.identifiers import Identifier, identifier
from streams.intake.epcis.schema import Quantity, Uri
from streams.intake.refusal import Reason, Refusal

PIECES = "C62"
"""What EPCIS counts in where no unit is given (Rec 20: one)."""


class Goods(NamedTuple):
    """`qty` in `uom` of a lot of a material; `qty` is None where EPCIS leaves it open, `lot` empty where it is not known.

    `single`: counted from objects with serial numbers.
    """

    material: str
    lot: str
    qty: float | None
    uom: str
    place: str
    single: bool = False


class MasterData(NamedTuple):
    """What `ilmd` says of the lot (CBV 2.0, section 9): its number, and the day it expires, ISO 8601."""

    lot: str = ""
    expiry: str | None = None


def our_code(codes: Codes, table: str, known: Identifier, place: str) -> str:
    """Our code of what is identified, by any spelling that the partner's table has. Raises `Refusal`."""
    entries = codes.tables.get(table, {})
    for spelling in known.spellings:
        if spelling in entries:
            return entries[spelling]
    return codes.ours(table, known.key, place)


def gathered(
    epcs: Sequence[Uri], quantities: Sequence[Quantity], codes: Codes, lot: str, places: tuple[str, str]
) -> list[Goods]:
    """Amounts of one lot in one unit are added up; single items are counted by what they are."""
    amounts: dict[tuple[str, str, str], Goods] = {}
    for position, element in enumerate(quantities):
        place = f"{places[1]}[{position}]"
        _add(amounts, _of_class(element, codes, lot, place))
    pieces = Counter(known._replace(serial="", spellings=known.spellings[1:]) for known in map(identifier, epcs)
                     if known.scheme == "sgtin")  # fmt: skip
    for known, count in pieces.items():
        material = our_code(codes, "materials", known, places[0])
        _add(amounts, Goods(material, known.lot or lot, float(count), PIECES, places[0], single=True))
    return list(amounts.values())


def _of_class(element: Quantity, codes: Codes, lot: str, place: str) -> Goods:
    known = identifier(element.epc_class)
    qty = None if element.quantity is msgspec.UNSET else element.quantity
    if qty is not None and qty < 0:
        raise Refusal(Reason.BAD_VALUE, f"A quantity is not negative: {qty}", f"{place}.quantity")
    material = our_code(codes, "materials", known, f"{place}.epcClass")
    return Goods(material, known.lot or lot, qty, codes.unit(element.uom or PIECES), place)


def _add(amounts: dict[tuple[str, str, str], Goods], new: Goods) -> None:
    key = (new.material, new.lot, new.uom)
    old = amounts.get(key)
    if old is not None:
        qty = None if old.qty is None or new.qty is None else round(old.qty + new.qty, 6)
        new = old._replace(qty=qty, single=old.single and new.single)
    amounts[key] = new


def master_data(ilmd: Mapping[str, Any]) -> MasterData:
    """The lot and its expiry, by the names of CBV with any prefix."""
    by_name = {name.replace("#", ":").replace("/", ":").rsplit(":", 1)[-1]: value for name, value in ilmd.items()}
    lot, expiry = by_name.get("lotNumber"), by_name.get("itemExpirationDate")
    return MasterData(lot if isinstance(lot, str) else "", expiry[:10] if isinstance(expiry, str) else None)


def serials(epcs: Iterable[Uri], codes: Codes, place: str) -> list[Goods]:
    """Single items, each a lot of one by its serial number: what a genealogy names them by."""
    found = [known for known in map(identifier, epcs) if known.scheme == "sgtin"]
    return [
        Goods(our_code(codes, "materials", known, place), known.serial, 1.0, PIECES, place, single=True)
        for known in found
        if known.serial
    ]
