"""What reads the bytes of partners, each as one call: the bytes are taken or refused with a place, and nothing else.

The way is the one that the intake goes: by the content type to a feed, by the feed to drafts, by admission to canonical records.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook

from risk_rules.documents import Document
from streams.events import decode
from streams.intake.admission import LARGEST, Canonical, Feed
from streams.intake.draft import Codes
from streams.intake.inbound import InboundRecord
from streams.intake.json_map import JsonFeed, MapReader, faults
from streams.intake.profile import Profile, from_document
from streams.intake.reading import canonical_records
from streams.intake.refusal import Reason, Refusal
from streams.intake.webhook.signature import Keyring, Keys, Signed, sign
from tests.fuzz import hostile_records as records
from tests.unit.intake.edi import papers

NOW = datetime(2026, 7, 6, tzinfo=UTC)
WHO = Feed("acme", frozenset({"BSL"}))
WHOLE = frozenset(
    {Reason.EMPTY, Reason.TOO_LARGE, Reason.TOO_DEEP, Reason.BAD_JSON, Reason.BAD_ENCODING, Reason.BAD_ROW}
)
"""Reasons of which some mean a record as a whole, where there is no place to tell."""

EPCIS = Path(__file__).parents[1] / "unit/intake/epcis/documents"
Outcome = str


class Sent(NamedTuple):
    """A record as the broker gives it."""

    value: bytes | None
    headers: list[tuple[str, bytes]]
    key: bytes | None = None
    offset: int = 0


@dataclass(frozen=True)
class Decoder:
    """One way into the service. `seeds` are taken as they are, `words` are what its inputs are made of."""

    name: str
    tried: Callable[[bytes], Outcome]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...]


@cache
def profile() -> Profile:
    return from_document(Document.parse(records.PROFILE, "acme.yaml"))


def became(sent: InboundRecord) -> Outcome:
    """What became of a record. Raises `AssertionError` if that is neither canonical records nor a refusal with a place."""
    try:
        found = canonical_records(sent, WHO, {"acme": profile()}, NOW)
    except Refusal as refusal:
        check_refusal(refusal)
        return f"refused {refusal.reason}"
    for one in found:
        check_canonical(one)
    return "taken" if found else "passed over"


def check_refusal(refusal: Refusal) -> None:
    """It says what is wrong, and where."""
    assert refusal.message, refusal
    assert refusal.reason is not Reason.OUR_FAULT, refusal
    assert refusal.place or refusal.reason in WHOLE, refusal
    assert len(refusal.place) <= 1000, refusal
    str(refusal).encode()  # what a dead letter and a log can hold


def check_canonical(canonical: Canonical) -> None:
    """It is an event of the partner that a database can hold."""
    assert len(canonical.value) <= LARGEST
    assert b"\\u0000" not in canonical.value, canonical
    event = decode(canonical.value)
    assert event.partnerid == "acme"
    assert event.siteid in WHO.sites
    assert canonical.key == event.siteid.encode()


def of_type(content_type: str) -> Callable[[bytes], Outcome]:
    def tried(value: bytes) -> Outcome:
        return became(Sent(value, [("content-type", content_type.encode())]))

    return tried


def binary_mode(value: bytes) -> Outcome:
    """Headers up to an empty line, then the value."""
    head, _, body = value.partition(b"\n\n")
    pairs = (line.partition(b": ") for line in head.split(b"\n"))
    return became(Sent(body, [(name.decode("latin-1"), text) for name, _, text in pairs]))


def dropped(feed: str) -> Callable[[bytes], Outcome]:
    """A dropped file: cut into records, each of which is taken or refused by itself."""

    def tried(content: bytes) -> Outcome:
        chosen = profile().feeds[feed]
        outcomes: set[str] = set()
        try:
            for record in chosen.format.records(content, chosen.said, feed=feed, file="dropped"):
                outcomes.add(became(Sent(record.value, record.headers)))
        except Refusal as refusal:
            check_refusal(refusal)
            outcomes.add(f"refused {refusal.reason}")
        return "taken" if "taken" in outcomes else min(outcomes, default="passed over")

    return tried


def workbook(value: bytes) -> Outcome:
    """A workbook as it is, or a sheet's XML put into one that is in order: damaged archives alone would get nowhere."""
    content = value if value.startswith(b"PK") else with_sheet(value)
    return dropped("sheet")(content)


@cache
def _parts() -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(book())) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def with_sheet(xml: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _parts():
            archive.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else content)
    return held.getvalue()


def book() -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in records.ROWS:
        sheet.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def sheets() -> Iterable[bytes]:
    yield dict(_parts())["xl/worksheets/sheet1.xml"]
    yield book()


def map_text(value: bytes) -> Outcome:
    """A map of a profile, as somebody might write it, and a record that it is to read."""
    said = JsonFeed(source="/acme/erp", map=value.decode("utf-8", "replace"), zone="UTC")
    if list(faults(said, profile().said)):
        return "refused by the profile"
    try:
        return (
            "taken"
            if MapReader(said, Codes(profile().said.tables, profile().said.units))(records.JSON, {})
            else "passed over"
        )
    except Refusal as refusal:
        check_refusal(refusal)
        return f"refused {refusal.reason}"


SECRET = b"s" * 32
KEYRING = Keyring({"acme": Keys((SECRET,))})


def signature(value: bytes) -> Outcome:
    """What a request says of itself on three lines, and its body. Only what was signed is the partner's."""
    head = value.decode("utf-8", "surrogateescape").split("\n", 3)
    said, body = Signed(*[*head, "", "", ""][:3]), (head[3] if len(head) > 3 else "").encode("utf-8", "surrogateescape")
    if not KEYRING.is_of("acme", said, body, NOW):
        return "refused"
    at = datetime.fromtimestamp(int(said.timestamp), UTC)
    assert sign(SECRET, said.id, at, body) in said.signatures.split(" ")
    return "taken"


def signed() -> bytes:
    return f"msg_1\n{int(NOW.timestamp())}\n{sign(SECRET, 'msg_1', NOW, b'{}')}\n{{}}".encode()


def epcis_documents() -> list[bytes]:
    return [json.dumps(json.loads(path.read_bytes())).encode() for path in sorted(EPCIS.glob("*.json"))]


DECODERS = {
    one.name: one
    for one in (
        Decoder("structured", of_type("application/cloudevents+json"), lambda: [records.EVENT], records.JSON_WORDS),
        Decoder("batch", of_type("application/cloudevents-batch+json"), lambda: [b"[%s]" % records.EVENT], records.JSON_WORDS),
        Decoder("binary", binary_mode, lambda: [records.BINARY], records.JSON_WORDS),
        Decoder("epcis", of_type("application/ld+json; feed=epcis"), epcis_documents, records.EPCIS_WORDS),
        Decoder("csv", dropped("rows"), lambda: [records.CSV], records.CSV_WORDS),
        Decoder("xlsx", workbook, sheets, records.XLSX_WORDS),
        Decoder("json", of_type("application/json; feed=json"), lambda: [records.JSON], records.JSON_WORDS),
        Decoder("map", map_text, lambda: [records.MAP.encode()], records.MAP_WORDS),
        Decoder(
            "edifact",
            of_type("application/edifact"),
            lambda: [papers.edifact(papers.DESADV), papers.edifact(papers.IFTSTA, "IFTSTA:D:01B:UN")],
            records.EDIFACT_WORDS,
        ),
        Decoder(
            "x12",
            of_type("application/edi-x12"),
            lambda: [papers.x12(("856", papers.SHIP_NOTICE)), papers.x12(("214", papers.CARRIER_STATUS))],
            records.X12_WORDS,
        ),
        Decoder("ubl", of_type("application/xml"), lambda: [papers.DESPATCH_ADVICE], records.UBL_WORDS),
        Decoder("signature", signature, lambda: [signed()], records.SIGNATURE_WORDS),
    )
}  # fmt: skip
"""By name."""
