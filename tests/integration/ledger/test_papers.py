"""Papers of a shipment, from their bytes to the ledger: what is on its way, of which order, and where it is."""

from datetime import UTC, datetime

import msgspec
import pytest

from risk_rules.documents import Document
from streams.intake.admission import Feed
from streams.intake.profile import Profile, from_document
from streams.intake.reading import canonical_records
from streams.ledger.tables import purchase_order, shipment
from tests.integration.ledger.saying import ordered
from tests.oracle.network import PARTNER, SITE
from tests.unit.intake.edi import papers

NOW = datetime(2026, 1, 10, tzinfo=UTC)
PROFILE = """
partner: acme
zone: Europe/Zurich
tables:
  materials: {"04012345111118": API-1}
  sites: {"4012345000023": BSL, "4012345000016": ""}
feeds:
  edifact: {format: edifact, source: /acme/edi}
  x12: {format: x12, source: /acme/x12, zone: America/New_York}
  ubl: {format: ubl, source: /acme/ubl}
"""
"""It names the feeds; which one a record is of is told by its media type."""

ADVICES = {
    "application/edifact": papers.edifact(papers.DESADV),
    "application/EDI-X12": papers.x12(("856", papers.SHIP_NOTICE)),
    "text/xml": papers.DESPATCH_ADVICE,
}


class _Record(msgspec.Struct):
    """A record as the broker gives it."""

    value: bytes
    headers: list[tuple[str, bytes]]
    key: bytes | None = None
    offset: int = 0


@pytest.fixture
def profiles() -> dict[str, Profile]:
    return {PARTNER: from_document(Document.parse(PROFILE, "acme.yaml"))}


def counted(media_type: str, value: bytes, profiles: dict[str, Profile]) -> list[bytes]:
    record = _Record(value, [("content-type", media_type.encode())])
    return [one.value for one in canonical_records(record, Feed(PARTNER, frozenset({SITE})), profiles, NOW)]


@pytest.mark.parametrize("media_type", ADVICES)
def test_an_advice_takes_its_lots_off_the_order_and_puts_them_on_the_way(media_type, site, profiles):
    site.send(ordered("1", qty=100))
    site.send(*counted(media_type, ADVICES[media_type], profiles))
    row = site.row(shipment, "S-1")
    assert (row["status"], row["po_no"], row["mode"]) == ("in_transit", "PO-1", "road")
    assert [(material, lot, qty) for material, lot, qty, *_ in row["lines"]] == [
        ("API-1", "L-1", 40),
        ("API-1", "L-2", 20.5),
    ]
    order = site.row(purchase_order, "PO-1/API-1")
    assert (order["shipped_qty"], order["open_qty"]) == (60.5, 39.5)


@pytest.mark.parametrize("media_type", ADVICES)
def test_an_advice_that_comes_twice_counts_once(media_type, site, profiles):
    site.send(ordered("1", qty=100))
    for _ in range(2):
        site.send(*counted(media_type, ADVICES[media_type], profiles))
    assert site.row(purchase_order, "PO-1/API-1")["shipped_qty"] == 60.5


@pytest.mark.parametrize(
    ("media_type", "report"),
    [
        ("application/edifact", papers.edifact(papers.IFTSTA, "IFTSTA:D:01B:UN")),
        ("application/edi-x12", papers.x12(("214", papers.CARRIER_STATUS))),
    ],
)
def test_a_carriers_report_moves_the_shipment_that_the_advice_booked(media_type, report, site, profiles):
    site.send(*counted("text/xml", ADVICES["text/xml"], profiles))
    site.send(*counted(media_type, report, profiles))
    row = site.row(shipment, "S-1")
    assert row["milestone"] in ("31", "X6")
    assert row["estimated_arrival"].day == 8


def test_a_record_of_two_feeds_of_one_format_must_name_its_own(profiles):
    value = ADVICES["text/xml"]
    assert counted("application/xml; feed=ubl", value, profiles) == counted("text/xml", value, profiles)
