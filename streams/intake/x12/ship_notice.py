"""856: what a ship notice says, by its loops of HL (shipment, order, tare or pack, item). Other segments are passed over."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes
from streams.intake.freight.advice import Advice, Line
from streams.intake.freight.amounts import amount, material, sscc
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.x12 import moments
from streams.intake.x12.feed import X12Feed
from streams.intake.x12.interchange import Segment, TransactionSet

SHIPPED: Final = ("011",)
DEPARTURE: Final = ("011", "068")
ARRIVAL: Final = ("017", "371", "067")
EXPIRY: Final = ("036",)
TRACKING: Final = ("2I", "CN", "BM")
SHIP_TO: Final = ("ST", "CN", "BY")
SHIP_FROM: Final = ("SF", "SU", "VN")
OURS: Final = ("BP", "IN", "PI")
"""Qualifiers of item numbers (element 235) that are the buyer's."""

MODES: Final = {
    "A": "air", "AE": "air", "J": "road", "LT": "road", "M": "road", "O": "ocean", "P": "road", "R": "rail", "S": "ocean",
    "T": "road", "U": "parcel", "VE": "ocean", "X": "rail",
}  # fmt: skip
"""By the code of the transport (element 91), as far as it names one of ours."""

UNITS: Final = {
    "AM": "AM", "BG": "BG", "BX": "BX", "CC": "CMQ", "EA": "EA", "F2": "NIU", "GA": "GLL", "GR": "GRM", "KG": "KGM",
    "LB": "LBR", "LT": "LTR", "ME": "MGM", "ML": "MLT", "MP": "TNE", "OZ": "ONZ", "PC": "H87", "PK": "PK", "UN": "C62",
    "VI": "VI",
}  # fmt: skip
"""Element 355 by Rec 20. The partner's `units` go before it."""

_LEVELS: Final = frozenset("SOTPI")
_NOT_NUMBERS: Final = ("LT", "SN", "PO")
_CANCELLED, _CHANGED = "01", ("04", "03", "02")


class Level(NamedTuple):
    """A loop: its HL with what belongs to it, its purchase orders (PRF), and the levels above, the nearest first."""

    code: str
    segments: list[Segment]
    orders: list[str]
    above: tuple["Level", ...]


def notice(found: TransactionSet, feed: X12Feed, codes: Codes, zone: ZoneInfo) -> Advice:
    """The advice of a transaction set. Raises `Refusal` with segment and element."""
    beginning = found.segments[1]
    if beginning.tag != "BSN":
        raise Refusal(Reason.MISSING_VALUE, "A ship notice begins with BSN", beginning.place())
    if beginning.at(1) in _CHANGED:
        message = f"The purpose {beginning.at(1)} is a change in parts; send the whole notice again as 05 (replace)"
        raise Refusal(Reason.BAD_VALUE, message, beginning.place(1))
    head, levels = _levels(found.segments[1:-1])
    shipment = [*head, *(one for level in levels if level.code == "S" for one in level.segments)]
    issued = moments.read(beginning, 3, zone)
    departure = moments.first(shipment, DEPARTURE, zone)
    shipped = moments.first(shipment, SHIPPED, zone)
    route = next((one for one in shipment if one.tag == "TD5"), None)
    cancelled = beginning.at(1) == _CANCELLED
    return Advice(
        identity=found.identity,
        place=beginning.place(),
        shipment_id=reference(shipment, ("REF",), feed.shipment) or beginning.at(2),
        issued=issued,
        is_cancelled=cancelled,
        lines=() if cancelled else tuple(line for one in levels for line in _line(one, codes, zone)),
        sscc=tuple(_packs(found.segments)),
        departure=departure,
        left=shipped is not None and shipped.has_come_by(issued),
        arrival=moments.first(shipment, ARRIVAL, zone),
        po_no=_only_order(levels),
        ship_from=party(shipment, SHIP_FROM),
        ship_to=party(shipment, SHIP_TO),
        carrier=(route.at(3) or route.at(5) or None) if route else None,
        mode=MODES.get(route.at(4)) if route else None,
        tracking_no=reference(shipment, ("REF",), TRACKING),
        incoterm=next((one.at(5) for one in shipment if one.tag == "FOB" and one.at(4) == "01" and one.at(5)), None),
    )


def reference(segments: Iterable[Segment], tags: Sequence[str], qualifiers: Sequence[str]) -> str | None:
    """The number of the first reference of a kind, the best kind first. REF has the kind first, L11 the number."""
    numbers: dict[str, str] = {}
    for one in segments:
        if one.tag in tags:
            kind, number = (one.at(2), one.at(1)) if one.tag == "L11" else (one.at(1), one.at(2))
            numbers.setdefault(kind, number)
    return next((numbers[kind] for kind in qualifiers if numbers.get(kind)), None)


def party(segments: Iterable[Segment], roles: Sequence[str]) -> str | None:
    """The code of the first party (N1) in a role, the best role first."""
    codes = {one.at(1): one.at(4) for one in reversed(list(segments)) if one.tag == "N1"}
    return next((codes[role] for role in roles if codes.get(role)), None)


def _levels(segments: Sequence[Segment]) -> tuple[list[Segment], list[Level]]:
    """What stands before the first HL, and the levels in order. A level lies under one that came before it."""
    head: list[Segment] = []
    levels: list[Level] = []
    by_number: dict[str, Level] = {}
    for segment in segments:
        if segment.tag == "HL":
            number, parent, code = segment.at(1), segment.at(2), segment.at(3)
            if not number or number in by_number or (parent and parent not in by_number):
                message = f"HL {quoted(number)} must be new, and lie under one before it; it is under {quoted(parent)}"
                raise Refusal(Reason.BAD_VALUE, message, segment.place(1))
            if code not in _LEVELS:
                message = f"The level {quoted(code)} is not read; S, O, T, P and I are"
                raise Refusal(Reason.BAD_VALUE, message, segment.place(3))
            over = by_number.get(parent)
            above = (over, *over.above) if over else ()
            if len(above) > len(_LEVELS):
                raise Refusal(Reason.TOO_DEEP, f"More than {len(_LEVELS)} levels deep", segment.place())
            levels.append(Level(code, [], [], above))
            by_number[number] = levels[-1]
        elif segment.tag == "CTT":
            break
        elif segment.tag == "PRF" and levels and segment.at(1):
            levels[-1].orders.append(segment.at(1))
        (levels[-1].segments if levels else head).append(segment)
    return head, levels


def _line(level: Level, codes: Codes, zone: ZoneInfo) -> Iterator[Line]:
    if level.code != "I":
        return
    head = level.segments[0]
    amounts = [one for one in level.segments if one.tag == "SN1"]
    items = [one for one in level.segments if one.tag == "LIN"]
    if len(amounts) != 1 or len(items) != 1:
        message = f"An item needs one LIN and one SN1; it has {len(items)} and {len(amounts)}"
        raise Refusal(Reason.MISSING_VALUE, message, head.place())
    pairs = list(_pairs(items[0]))
    numbers = [code for kind, code in pairs if kind in OURS]
    numbers += [code for kind, code in pairs if kind not in OURS and kind not in _NOT_NUMBERS]
    lots = [code for kind, code in pairs if kind == "LT"]
    lots += [one.at(2) for one in level.segments if one.tag == "REF" and one.at(1) in ("LT", "BT") and one.at(2)]
    if len(set(lots)) > 1:
        message = "Nobody can say how much of which lot it is: give each lot an item of its own"
        raise Refusal(Reason.BAD_VALUE, message, head.place())
    unit = amounts[0].at(3)
    if not unit:
        raise Refusal(Reason.MISSING_VALUE, "The amount has no unit", amounts[0].place(3))
    meant = codes.unit(unit)
    expiry = moments.first(level.segments, EXPIRY, zone)
    yield Line(
        material(numbers, codes, items[0].place(3)),
        amount(amounts[0].at(2), amounts[0].place(2)),
        UNITS.get(unit, unit) if meant == unit and unit not in codes.units else meant,
        lots[0] if lots else None,
        expiry.day() if expiry else None,
        _order((level, *level.above)) or next((code for kind, code in pairs if kind == "PO"), None),
    )


def _pairs(item: Segment) -> Iterator[tuple[str, str]]:
    """The numbers of an item: kinds and codes from LIN02 on."""
    for element in range(2, len(item.elements), 2):
        if item.at(element) and item.at(element + 1):
            yield item.at(element), item.at(element + 1)


def _order(levels: Iterable[Level]) -> str | None:
    """The purchase order of the nearest level that has one."""
    return next((level.orders[0] for level in levels if level.orders), None)


def _only_order(levels: Sequence[Level]) -> str | None:
    """The purchase order of the whole notice, where it has but one."""
    orders = {number for level in levels if (number := _order([level]))}
    return next(iter(orders)) if len(orders) == 1 else None


def _packs(segments: Iterable[Segment]) -> Iterator[str]:
    """The numbers of pallets and boxes (MAN: GM is an SSCC-18, AA one with its application identifier)."""
    for one in segments:
        if one.tag == "MAN" and one.at(1) in ("GM", "AA") and one.at(2):
            yield sscc(one.at(2))
