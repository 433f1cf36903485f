"""From bytes to the transaction sets of an X12 interchange, counted and bounded. Pure.

The header ISA has 106 characters, always; the separators stand in it where they are first used.
"""

from collections.abc import Iterator
from typing import NamedTuple

from streams.intake.refusal import Reason, Refusal, quoted

LARGEST = 1024 * 1024
MOST_SEGMENTS = 50_000
_HEADER = 106


class Segment(NamedTuple):
    """A segment by its number in the interchange (ISA is 1), and its elements."""

    number: int
    tag: str
    elements: tuple[str, ...]

    def at(self, element: int) -> str:
        """An element, counted from 1; empty where there is none."""
        return self.elements[element - 1].strip() if element <= len(self.elements) else ""

    def place(self, element: int = 0) -> str:
        """Where a fault lies, as practitioners name it: BSN02 is the second element of BSN."""
        where = f"segment {self.number} ({self.tag})"
        return f"{where}, element {self.tag}{element:02}" if element else where


class TransactionSet(NamedTuple):
    """A set between ST and SE, those included; `group` is its GS. `identity` is that of interchange, group and set."""

    kind: str
    identity: str
    group: Segment
    segments: tuple[Segment, ...]


def transaction_sets(value: bytes) -> list[TransactionSet]:
    """The transaction sets of an interchange. Raises `Refusal` with the segment and the element of the first fault."""
    if len(value) > LARGEST:
        raise Refusal(Reason.TOO_LARGE, f"The interchange has {len(value)} bytes; at most {LARGEST} are taken")
    segments = _segments(_decoded(value))
    header, trailer = segments[0], segments[-1]
    if trailer.tag != "IEA" or len(segments) < 2:
        raise Refusal(Reason.BAD_VALUE, "An interchange ends with IEA; the last segments are missing", trailer.place())
    if header.at(15) != "P":
        message = f"The usage indicator is {quoted(header.at(15))}: nothing is taken but production data (P)"
        raise Refusal(Reason.NO_EVENT, message, header.place(15))
    _check_same(header, 13, trailer, 2)
    found: list[TransactionSet] = []
    groups = 0
    for group in _between(segments[1:-1], "GS", "GE"):
        groups += 1
        _check_same(group[0], 6, group[-1], 2)
        sets = list(_between(group[1:-1], "ST", "SE"))
        _check_count(group[-1], len(sets), "transaction sets")
        for one in sets:
            _check_same(one[0], 2, one[-1], 2)
            _check_count(one[-1], len(one), "segments")
            said = [header.at(6), header.at(9) + header.at(10), header.at(13), group[0].at(6), one[0].at(2)]
            found.append(TransactionSet(one[0].at(1), ":".join(said[:3]) + "/" + "/".join(said[3:]), group[0], one))
    _check_count(trailer, groups, "groups")
    return found


def _decoded(value: bytes) -> str:
    try:
        text = value.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as fault:
        message = f"Byte {fault.start + 1} is not UTF-8; send UTF-8, of which ASCII is a part"
        raise Refusal(Reason.BAD_ENCODING, message) from None
    if "\x00" in text:
        message = f"The character {text.index(chr(0)) + 1} is U+0000, which cannot be stored"
        raise Refusal(Reason.BAD_ENCODING, message)
    return text


def _segments(text: str) -> list[Segment]:
    if not text.startswith("ISA") or len(text) < _HEADER:
        raise Refusal(Reason.BAD_VALUE, f"An interchange begins with ISA, of {_HEADER} characters", "segment 1")
    separator, component, terminator = text[3], text[104], text[105]
    signs = {separator, component, terminator}
    if len(signs) < 3 or any(one.isalnum() or one == " " for one in signs) or text[:104].count(separator) != 16:
        message = f"ISA has not {_HEADER} characters: where its separators stand is {quoted(text[103:106])}"
        raise Refusal(Reason.BAD_VALUE, message, "segment 1 (ISA)")
    if text.count(terminator) > MOST_SEGMENTS:
        raise Refusal(Reason.TOO_LARGE, f"The interchange has more than {MOST_SEGMENTS} segments; send it in parts")
    *pieces, rest = text.split(terminator)
    if rest.strip():
        message = f"The last segment has no end: {quoted(terminator)} is missing"
        raise Refusal(Reason.BAD_VALUE, message, f"segment {len(pieces) + 1}")
    return [_segment(number, piece, separator) for number, piece in enumerate(pieces, start=1)]


def _segment(number: int, piece: str, separator: str) -> Segment:
    tag, *elements = piece.strip("\r\n").split(separator)
    if not (2 <= len(tag) <= 3 and tag.isascii() and tag.isalnum()):
        raise Refusal(Reason.BAD_VALUE, f"{quoted(tag)} is no tag of a segment", f"segment {number}")
    return Segment(number, tag, tuple(elements))


def _between(segments: tuple[Segment, ...] | list[Segment], begin: str, end: str) -> Iterator[tuple[Segment, ...]]:
    """The stretches from a `begin` to its `end`, of which nothing lies outside."""
    begun: int | None = None
    for position, segment in enumerate(segments):
        if begun is None and segment.tag == begin:
            begun = position
        elif begun is None or segment.tag == begin:
            raise Refusal(Reason.BAD_VALUE, f"{segment.tag} stands where {begin} should", segment.place())
        elif segment.tag == end:
            yield tuple(segments[begun : position + 1])
            begun = None
    if begun is not None:
        raise Refusal(Reason.BAD_VALUE, f"{begin} has no {end}", segments[begun].place())


def _check_same(header: Segment, element: int, trailer: Segment, other: int) -> None:
    if header.at(element) != trailer.at(other) or not header.at(element):
        message = f"{header.tag} has the number {quoted(header.at(element))}, {trailer.tag} {quoted(trailer.at(other))}"
        raise Refusal(Reason.BAD_VALUE, message, trailer.place(other))


def _check_count(trailer: Segment, counted: int, what: str) -> None:
    said = trailer.at(1)
    if (said.lstrip("0") or said[:1]) != str(counted):
        message = f"{trailer.tag} counts {quoted(said)} {what}, and {counted} came: some are missing"
        raise Refusal(Reason.BAD_VALUE, message, trailer.place(1))
