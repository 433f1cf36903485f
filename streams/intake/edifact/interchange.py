"""From bytes to the messages of an EDIFACT interchange (ISO 9735, syntax versions 1 to 4), counted and bounded. Pure.

pydifact splits segments and elements. What it takes on trust is looked at before and after: it would begin anew at a UNA in
the middle of a text, lets a space be the release character, and drops a last segment that does not end.
"""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.tokenizer import Tokenizer

from streams.intake.refusal import Reason, Refusal, quoted

LARGEST = 1024 * 1024
MOST_SEGMENTS = 50_000
MOST_SEPARATORS = 250_000
"""Of elements and components: each costs several times what a letter does."""

CHARSETS = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5",
    "UNOF": "iso8859-7", "UNOG": "iso8859-3", "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9", "UNOL": "iso8859-15", "UNOW": "utf-8", "UNOY": "utf-8",
}  # fmt: skip
"""By the syntax identifier of UNB. UNOX switches by escape sequences (ISO 2022), which nobody was seen to send."""

_USUAL = ":+.? '"
_SPACES = " \r\n"
_NO_RELEASE = "\x00"  # no text may hold it, so it releases nothing

Element = tuple[str, ...]


class Segment(NamedTuple):
    """A segment by its number in the interchange (the first, UNA apart, is 1), and its elements of components."""

    number: int
    tag: str
    elements: tuple[Element, ...]

    def at(self, element: int, component: int = 1) -> str:
        """A component, both counted from 1; empty where there is none."""
        if element > len(self.elements) or component > len(self.elements[element - 1]):
            return ""
        return self.elements[element - 1][component - 1].strip()

    def place(self, element: int = 0) -> str:
        """Where a fault lies."""
        where = f"segment {self.number} ({self.tag})"
        return f"{where}, element {element}" if element else where


class Message(NamedTuple):
    """A message between UNH and UNT, those included. `identity` is that of the interchange and of the message in it."""

    kind: str
    identity: str
    segments: tuple[Segment, ...]


def messages(value: bytes) -> list[Message]:
    """The messages of an interchange. Raises `Refusal` with the segment and the element of the first fault."""
    if len(value) > LARGEST:
        raise Refusal(Reason.TOO_LARGE, f"The interchange has {len(value)} bytes; at most {LARGEST} are taken")
    characters, body = _service_characters(value)
    segments = list(_segments(_decoded(body), characters))
    if len(segments) < 2 or segments[0].tag != "UNB" or segments[-1].tag != "UNZ":
        last = segments[-1].place() if segments else "segment 1"
        raise Refusal(Reason.BAD_VALUE, "An interchange begins with UNB and ends with UNZ", last)
    header, trailer = segments[0], segments[-1]
    if header.at(11):
        raise Refusal(Reason.NO_EVENT, "The interchange is marked as a test: nothing of it is taken", header.place(11))
    _check_same(header, 5, trailer, 2)
    sender, prepared = header.at(2), header.at(4) + header.at(4, 2)
    found = list(_cut(segments[1:-1], f"{sender}:{prepared}:{header.at(5)}"))
    groups = sum(segment.tag == "UNG" for segment in segments)
    _check_count(trailer, groups or len(found), "groups" if groups else "messages")
    return found


def _service_characters(value: bytes) -> tuple[str, bytes]:
    """The six of UNA, or the usual ones, and what follows."""
    start = value.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")
    if not start.startswith(b"UNA"):
        return _USUAL, start
    characters = start[3:9].decode("latin-1")
    component, element, _, release, _, terminator = characters.ljust(6)
    signs = [component, element, terminator, *([release] if release != " " else [])]
    if len(characters) < 6 or len(set(signs)) < len(signs) or any(one.isalnum() or one == " " for one in signs):
        raise Refusal(Reason.BAD_VALUE, f"UNA names no service characters: {quoted(characters)}", "segment UNA")
    return characters, start[9:].lstrip(b" \r\n")


def _decoded(body: bytes) -> str:
    """The text in the charset that UNB names."""
    if not body.startswith(b"UNB"):
        raise Refusal(Reason.BAD_VALUE, "An interchange begins with UNB, or with UNA before it", "segment 1")
    name = body[4:8].decode("latin-1")
    charset = CHARSETS.get(name)
    if charset is None:
        message = f"The charset {quoted(name)} is not read; send UNOC (Latin-1) or UNOY (UTF-8)"
        raise Refusal(Reason.BAD_ENCODING, message, "segment 1 (UNB), element 1")
    try:
        text = body.decode(charset)
    except UnicodeDecodeError as fault:
        message = f"The character {fault.start + 1} is not of the charset {name}; UNOC is Latin-1, UNOY is UTF-8"
        raise Refusal(Reason.BAD_ENCODING, message, "segment 1 (UNB), element 1") from None
    if "\x00" in text:
        message = f"The character {text.index(chr(0)) + 1} is U+0000, which cannot be stored"
        raise Refusal(Reason.BAD_ENCODING, message)
    return text


def _segments(text: str, characters: str) -> Iterator[Segment]:
    component, element, decimal, release, reserved, terminator = characters
    release = _NO_RELEASE if release == " " else release
    service = Characters.from_str(component + element + decimal + release + reserved + terminator)
    text = text.rstrip(_SPACES + "\t")
    if text.count(component) + text.count(element) > MOST_SEPARATORS:
        message = f"The interchange has more than {MOST_SEPARATORS} elements and components; send it in parts"
        raise Refusal(Reason.TOO_LARGE, message)
    numbers = count(1)
    number = 0
    try:
        for raw in Parser().convert_tokens_to_raw_segments(Tokenizer().get_tokens(text, service)):
            number = next(numbers)
            if number > MOST_SEGMENTS:
                message = f"The interchange has more than {MOST_SEGMENTS} segments; send it in parts"
                raise Refusal(Reason.TOO_LARGE, message, f"segment {number}")
            named, *elements = [(one,) if isinstance(one, str) else tuple(one) for one in raw]
            tag = named[0] if len(named) == 1 else component.join(named)
            if len(tag) != 3 or not tag.isalnum() or not tag.isascii():
                raise Refusal(Reason.BAD_VALUE, f"{quoted(tag)} is no tag of a segment", f"segment {number}")
            yield Segment(number, tag, tuple(elements))
    except EDISyntaxError:
        message = f"The segment has no end: {quoted(terminator)} is missing, or a release character stands last"
        raise Refusal(Reason.BAD_VALUE, message, f"segment {number + 1}") from None


def _cut(segments: list[Segment], interchange: str) -> Iterator[Message]:
    """The messages between UNH and UNT; groups (UNG, UNE) may be around them."""
    begun: int | None = None
    for position, segment in enumerate(segments):
        match segment.tag:
            case "UNH" if begun is None:
                begun = position
            case "UNT" if begun is not None:
                inside = segments[begun : position + 1]
                _check_same(inside[0], 1, segment, 2)
                _check_count(segment, len(inside), "segments")
                yield Message(inside[0].at(2), f"{interchange}/{inside[0].at(1)}", tuple(inside))
                begun = None
            case "UNH" | "UNT" | "UNB" | "UNZ" | "UNA":
                message = f"{segment.tag} stands where it cannot; an interchange is a record of its own"
                raise Refusal(Reason.BAD_VALUE, message, segment.place())
            case _ if begun is None and segment.tag not in ("UNG", "UNE"):
                raise Refusal(Reason.BAD_VALUE, "The segment is in no message", segment.place())
            case _:
                pass
    if begun is not None:
        raise Refusal(Reason.BAD_VALUE, "The message has no UNT", segments[begun].place())


def _check_same(header: Segment, element: int, trailer: Segment, other: int) -> None:
    if header.at(element) != trailer.at(other) or not header.at(element):
        message = (
            f"{header.tag} has the reference {quoted(header.at(element))}, {trailer.tag} {quoted(trailer.at(other))}"
        )
        raise Refusal(Reason.BAD_VALUE, message, trailer.place(other))


def _check_count(trailer: Segment, counted: int, what: str) -> None:
    said = trailer.at(1)
    if said.lstrip("0") != str(counted):
        message = f"{trailer.tag} counts {quoted(said)} {what}, and {counted} came: some are missing"
        raise Refusal(Reason.BAD_VALUE, message, trailer.place(1))
