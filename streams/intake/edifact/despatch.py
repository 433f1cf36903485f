"""DESADV: what a despatch advice says. Segments beyond those named here are passed over."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes
from streams.intake.edifact import moments
from streams.intake.edifact.feed import EdifactFeed
from streams.intake.edifact.interchange import Message, Segment
from streams.intake.freight.advice import Advice, Line
from streams.intake.freight.amounts import amount, material, sscc
from streams.intake.freight.moments import Moment
from streams.intake.refusal import Reason, Refusal, quoted

ISSUED: Final = ("137",)
DEPARTED: Final = ("186",)
DEPARTURE: Final = ("11", "133", "200")
ARRIVAL: Final = ("132", "17", "191", "358")
EXPIRY: Final = ("36", "361")
SHIP_TO: Final = ("ST", "DP", "CN", "UC", "BY")
SHIP_FROM: Final = ("SF", "PW", "CZ", "SU", "SE")
CARRIER: Final = ("CA", "FW")
TRACKING: Final = ("AWB", "BM", "CN", "AAS")
MODES: Final = {"1": "ocean", "2": "rail", "3": "road", "4": "air", "5": "parcel"}
OURS: Final = ("IN", "BP")
"""Types of item numbers (7143) that are the buyer's."""

_LOT: Final = ("BX", "NB", "AAN")
_DESPATCHED: Final = ("12", "1")
_NO_CHANGES: Final = ("4", "13", "36", "3", "2")


def advice(message: Message, feed: EdifactFeed, codes: Codes, zone: ZoneInfo) -> Advice:
    """The advice of a message. Raises `Refusal` with segment and element."""
    beginning = _only(message, "BGM")
    function = beginning.at(3)
    if function in _NO_CHANGES:
        text = f"The message function {function} is a change in parts; send the whole advice again as 5 (replace)"
        raise Refusal(Reason.BAD_VALUE, text, beginning.place(3))
    head, items = _parted(message.segments)
    issued = moments.first(head, ISSUED, zone)
    if issued is None:
        raise Refusal(Reason.MISSING_VALUE, "The message has no date of its own (DTM+137)", beginning.place())
    departed = moments.first(head, DEPARTED, zone)
    departure = departed or moments.first(head, DEPARTURE, zone)
    transport = next((one for one in head if one.tag == "TDT"), None)
    cancelled = function == "1"
    return Advice(
        identity=message.identity,
        place=beginning.place(),
        shipment_id=reference(head, feed.shipment) or beginning.at(2),
        issued=issued,
        is_cancelled=cancelled,
        lines=() if cancelled else tuple(line for item in items for line in _lines(item, feed, codes, zone)),
        sscc=tuple(number for one in message.segments for number in _numbers(one, ("BJ", "AW"))),
        departure=departure,
        left=departed is not None or (departure is not None and departure.has_come_by(issued)),
        arrival=moments.first(head, ARRIVAL, zone),
        po_no=reference(head, ("ON",)),
        ship_from=party(head, SHIP_FROM),
        ship_to=party(head, SHIP_TO),
        carrier=(transport and (transport.at(5, 1) or transport.at(5, 4))) or party(head, CARRIER),
        mode=MODES.get(transport.at(3)[:1]) if transport else None,
        tracking_no=reference(head, TRACKING),
        incoterm=next((one.at(3) for one in head if one.tag == "TOD" and one.at(3)), None),
    )


def reference(segments: Iterable[Segment], qualifiers: Sequence[str]) -> str | None:
    """The number of the first paper (RFF) of a kind, the best kind first."""
    numbers = {one.at(1, 1): one.at(1, 2) for one in reversed(list(segments)) if one.tag == "RFF"}
    return next((numbers[kind] for kind in qualifiers if numbers.get(kind)), None)


def party(segments: Iterable[Segment], roles: Sequence[str]) -> str | None:
    """The code of the first party (NAD) in a role, the best role first."""
    codes = {one.at(1): one.at(2) for one in reversed(list(segments)) if one.tag == "NAD"}
    return next((codes[role] for role in roles if codes.get(role)), None)


def _only(message: Message, tag: str) -> Segment:
    found = [one for one in message.segments if one.tag == tag]
    if len(found) != 1:
        text = f"The message has {len(found)} segments {tag}; it needs one"
        raise Refusal(Reason.MISSING_VALUE, text, (found or message.segments)[-1].place())
    return found[0]


def _parted(segments: Sequence[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """What stands before the first packing (CPS) or line, and each line with what belongs to it."""
    head: list[Segment] = []
    items: list[list[Segment]] = []
    current: list[Segment] | None = head
    for segment in segments:
        if segment.tag == "LIN":
            current = [segment]
            items.append(current)
        elif segment.tag in ("CPS", "UNT"):
            current = None
        elif current is not None:
            current.append(segment)
    return head, items


def _lines(item: list[Segment], feed: EdifactFeed, codes: Codes, zone: ZoneInfo) -> Iterator[Line]:
    """A line, or one for each of its lots where each has an amount of its own (in a group of PCI)."""
    first = item[0]
    code = material(_item_numbers(item), codes, first.place(3))
    po_no = reference(item, ("ON",))
    whole, *parts = _by_lot(item)
    parts = [part for part in parts if _has_amount(part)]
    lots = list(dict.fromkeys(_lots(item)))
    if len(lots) <= 1 and (_has_amount(whole) or len(parts) <= 1):
        qty, uom = _amount(item, first, feed, codes)
        yield Line(code, qty, uom, lots[0] if lots else None, _expiry(item, zone), po_no)
        return
    told = [dict.fromkeys(_lots(part)) for part in parts]
    if {lot for named in told for lot in named} != set(lots) or any(len(named) != 1 for named in told):
        message = "Nobody can say how much of which lot it is: give each lot a PCI with its own QTY, or a line"
        raise Refusal(Reason.BAD_VALUE, message, first.place())
    for part, named in zip(parts, told, strict=True):
        qty, uom = _amount(part, first, feed, codes)
        yield Line(code, qty, uom, next(iter(named)), _expiry(part, zone) or _expiry(whole, zone), po_no)


def _has_amount(segments: list[Segment]) -> bool:
    return any(one.tag == "QTY" and one.at(1, 1) in _DESPATCHED for one in segments)


def _by_lot(item: list[Segment]) -> list[list[Segment]]:
    """The parts of a line: before the first PCI, and from each one on."""
    groups: list[list[Segment]] = [[]]
    for segment in item:
        if segment.tag == "PCI":
            groups.append([])
        groups[-1].append(segment)
    return groups


def _item_numbers(item: list[Segment]) -> list[str]:
    """The codes of the material, the buyer's own first."""
    found = [(item[0].at(3, 2), item[0].at(3, 1))]
    for segment in item:
        if segment.tag == "PIA":
            found += [(segment.at(element, 2), segment.at(element, 1)) for element in range(2, 7)]
    known = [(kind, code) for kind, code in found if code and kind not in _LOT]
    return [code for kind, code in known if kind in OURS] + [code for kind, code in known if kind not in OURS]


def _lots(segments: list[Segment]) -> Iterator[str]:
    for one in segments:
        yield from _numbers(one, _LOT)
        if one.tag == "RFF" and one.at(1, 1) == "BT" and one.at(1, 2):
            yield one.at(1, 2)
        if one.tag == "PIA":
            yield from (one.at(element, 1) for element in range(2, 7) if one.at(element, 2) in _LOT)


def _numbers(segment: Segment, kinds: Sequence[str]) -> Iterator[str]:
    """The numbers of one of the kinds in GIN or GIR. A range of numbers says nothing of those between."""
    if segment.tag == "GIN" and segment.at(1) in kinds:
        for element in range(2, len(segment.elements) + 1):
            if segment.at(element, 2):
                message = "A range of numbers stands for things that nobody named; name each"
                raise Refusal(Reason.BAD_VALUE, message, segment.place(element))
            if segment.at(element):
                yield sscc(segment.at(element)) if segment.at(1) == "BJ" else segment.at(element)
    elif segment.tag == "GIR":
        for element in range(2, len(segment.elements) + 1):
            if segment.at(element, 2) in kinds and segment.at(element):
                yield segment.at(element)


def _amount(segments: list[Segment], line: Segment, feed: EdifactFeed, codes: Codes) -> tuple[float, str]:
    for kind in _DESPATCHED:
        for one in segments:
            if one.tag == "QTY" and one.at(1, 1) == kind:
                unit = one.at(1, 3)
                uom = codes.unit(unit) if unit else feed.uom
                if uom is None:
                    message = "The amount has no unit; name it, or say in the profile what is meant (uom)"
                    raise Refusal(Reason.MISSING_VALUE, message, one.place(1))
                return amount(one.at(1, 2), one.place(1)), uom
    message = f"Line {quoted(line.at(1))} has no amount despatched (QTY+12)"
    raise Refusal(Reason.MISSING_VALUE, message, line.place())


def _expiry(segments: list[Segment], zone: ZoneInfo) -> str | None:
    found: Moment | None = moments.first(segments, EXPIRY, zone)
    return found.day() if found else None
