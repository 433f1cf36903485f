"""A stretch of the archive lived through again gives what its records, read by the maps given, would have given live."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from alerting.database import connect, reading
from risk_rules import rulebook as rulebooks
from risk_rules.documents import Document
from streams import schema
from streams.archive.place import Archive
from streams.archive.replaying import NotEmpty, Replayed, Stretch, in_order, replay
from streams.cli.rulebook_files import SHIPPED
from streams.intake.profile import Profile, from_document
from streams.lanes import Batch
from streams.ledger.tables import lot
from streams.network.load import parse
from tests.unit.archive.records import BEGIN, SECOND, Sent, keep
from tests.unit.intake.order_map import COUNT, MAP, text
from tests.unit.intake.partner_events import STRUCTURED, stock_report
from tests.unit.intake.partner_events import text as event

NETWORK = parse(
    "partners: {acme: {name: Acme, sites: {BSL: {name: Basel}}}, other: {name: Other, sites: {OTH: {name: Oth}}}}"
)
RULES = rulebooks.load([SHIPPED / "default.yaml"])
JSON = [("content-type", b"application/json; feed=stock")]


def profiles(a_map: str) -> Mapping[str, Profile]:
    return {"acme": from_document(Document.parse(text(a_map), "acme.yaml"))}


def count(number: int, qty: float) -> bytes:
    """A count of stock of the day on which it comes."""
    lines = [{**line, "qty": qty} for line in COUNT["lines"]]
    return json.dumps({**COUNT, "no": f"S{number}", "counted": f"01.03.2026 0{number}:00", "lines": lines}).encode()


def batch(topic: str, *records: tuple[bytes, list[tuple[str, bytes]]]) -> Batch:
    at = round(BEGIN.timestamp() * 1000)
    sent = [Sent(n, at + n * 1000, None, value, headers) for n, (value, headers) in enumerate(records)]
    return Batch(topic, 0, 0, sent)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Three counts of acme's (the second is no JSON), and an event of another partner between them."""
    archive = Archive(str(tmp_path / "archive"))
    other = event(stock_report(id="o-1", siteid="OTH", time="2026-03-01T00:00:00Z"))
    keep(
        archive,
        batch("cdmo.acme.inbound", (count(1, 10), JSON), (b"{", JSON), (count(2, 7), JSON)),
        batch("cdmo.other.inbound", (other, STRUCTURED)),
    )
    return archive


def lived(archive: Archive, a_map: str, url: str, stretch: Stretch | None = None) -> tuple[Replayed, dict[str, float]]:
    engine = connect(url)
    schema.upgrade(engine)
    try:
        told = replay(archive, stretch or Stretch(), profiles(a_map), NETWORK, RULES, engine)
        return told, stock(engine)
    finally:
        engine.dispose()


def stock(engine: Engine) -> dict[str, float]:
    with reading(engine) as connection:
        return {row.key: row.qty for row in connection.execute(select(lot.c.key, lot.c.qty))}


def test_a_replay_with_another_map_gives_what_that_map_gives(archive: Archive, tmp_path: Path) -> None:
    wrong = MAP.replace('"qty_on_hand": qty', '"qty_on_hand": qty * 1000')
    told, before = lived(archive, wrong, f"sqlite:///{tmp_path / 'wrong.db'}")
    assert (told.records, dict(told.refused), told.events) == (4, {"bad_json": 1}, 5)
    mended, after = lived(archive, MAP, f"sqlite:///{tmp_path / 'mended.db'}")
    assert mended == told
    ours = {key: qty for key, qty in after.items() if key.startswith("BSL")}
    assert len(ours) == 2
    assert set(ours.values()) == {7.0}
    assert {key: qty / 1000 for key, qty in before.items() if key.startswith("BSL")} == ours
    assert {key: qty for key, qty in before.items() if key.startswith("OTH")} == {"OTH/RM-100/L-1": 12.5}


def test_a_map_that_refuses_says_so_by_reason(archive: Archive, tmp_path: Path) -> None:
    broken = MAP.replace('$ours("materials", code)', '$ours("materials", "none")')
    told, after = lived(archive, broken, f"sqlite:///{tmp_path / 'broken.db'}")
    assert dict(told.refused) == {"unknown_code": 2, "bad_json": 1}
    assert set(after) == {"OTH/RM-100/L-1"}


def test_only_the_stretch_and_the_partner_asked_for_are_lived_through(archive: Archive, tmp_path: Path) -> None:
    until_second = Stretch(end=BEGIN + SECOND, partner="acme")
    told, after = lived(archive, MAP, f"sqlite:///{tmp_path / 'first.db'}", until_second)
    assert (told.records, told.first, told.last) == (1, BEGIN, BEGIN)
    assert set(after.values()) == {10.0}


def test_partners_are_put_together_in_the_order_of_time(archive: Archive) -> None:
    order = [(one.partner, one.offset) for one in in_order(archive, Stretch())]
    assert order == [("acme", 0), ("other", 0), ("acme", 1), ("acme", 2)]


def test_a_database_in_use_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'used.db'}"
    lived(archive, MAP, url)
    with pytest.raises(NotEmpty):
        lived(archive, MAP, url)
