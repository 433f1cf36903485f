"""Receivers that belong to a partner hear of their own alerts alone, in words that name nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from alerting.console.acting import acting
from alerting.database import reading
from alerting.desk.desk import Desk
from alerting.desk.explaining import explained
from alerting.life.people import Acknowledge, Resolve
from alerting.links import LinkKeys, link_token, links_at
from alerting.tables import outbox
from alerting.wording.partners import any_of
from risk_rules.findings import Severity, Subject
from risk_rules.remedies import Order, Remedy
from streams.web_server import WebServer
from tests.integration.alerting.office import ADA, NINE, Office
from tests.integration.alerting.serving import serving_in_a_thread
from tests.integration.alerting.test_acting_page import Reader
from tests.unit.alerting.findings import STOCK

FILE = """
receivers:
  planners: {address: "json://localhost/planners"}
  acme-desk: {address: "json://localhost/acme", partner: acme%s}
route:
  to: planners
  group_by: []
  group_wait: 0s
  digest: []
  routes: [{match: 'partner="acme"', to: [planners, acme-desk]}]
"""
ANYBODY = FILE.replace(", partner: acme", "") % ""
OTHERS = any_of(["borealis", "Borealis AS", "OSL", "LIPID-3"])
THEIRS = Subject(kind="material", key="OSL/API-7", partner="borealis", site="OSL", material="API-7")
TELLING = {
    "summary": "API-7 runs out on 2 Feb 2026; Borealis AS at OSL has 900 kg of LIPID-3",
    "remedy": Remedy(
        material="API-7", name="Amlodipine", unit="KGM", short_on=NINE.date(), missing=120.0,
        orders=(Order(supplier="OSL", quantity=1.0, order_by=NINE.date(), usable_on=NINE.date(), lead_time_days=3,
                      share=1.0, in_time=True),),
    ),
}  # fmt: skip


def office(engine: Engine, more: str = "") -> Office:
    found = Office(engine, FILE % more)
    links = links_at("https://bellwether.example", LinkKeys.parse("k" * 32))
    found.desk = Desk(engine, lambda: found.configuration, links, others=lambda _: OTHERS)
    return found


def read_by(office: Office, receiver: str) -> list[str]:
    rows = office.rows(
        select(outbox).where(outbox.c.receiver == receiver).order_by(outbox.c.created_at, outbox.c.number)
    )
    return [f"{row['title']}\n{row['body']}" for row in rows]


def test_a_partner_reads_what_is_its_own_and_neither_names_nor_figures_that_rest_on_others(engine: Engine) -> None:
    desk = office(engine)
    desk.shortage(Severity.WARNING, **TELLING)
    (ours,), (theirs,) = read_by(desk, "planners"), read_by(desk, "acme-desk")
    assert theirs.splitlines()[0] == "Warning: Material shortage, API-7 at BSL"
    assert "120 kg" in theirs or "120" in theirs
    for word in ("Borealis", "OSL", "LIPID", "Lonza", "score", "likelihood", "AMLO-5", "Supply planning", "https://"):
        assert word not in theirs, word
    assert all(word in ours for word in ("Borealis", "OSL", "score", "https://"))


@pytest.mark.parametrize("more", ["", ", most_per_hour: 1"])
def test_no_message_on_any_occasion_or_in_any_bundle_says_more(engine: Engine, more: str) -> None:
    desk = office(engine, more)
    first = desk.shortage(Severity.WARNING, **TELLING)
    desk.shortage(Severity.WARNING, Subject(kind="material", key="VIS/SALT", partner="acme", site="VIS"), **TELLING)
    desk.act(first, Acknowledge(desk.now + timedelta(hours=1), "Borealis AS lends us some"))
    desk.live(timedelta(hours=3), timedelta(minutes=20))
    desk.shortage(Severity.CRITICAL, **TELLING)
    desk.act(first, Resolve("not true: LIPID-3 of Borealis is used"))
    desk.live(timedelta(hours=3), timedelta(minutes=20))
    texts = read_by(desk, "acme-desk")
    assert len(texts) >= 4
    assert [text for text in texts if OTHERS is not None and OTHERS.search(text)] == []


def test_alerts_of_others_do_not_reach_it_and_the_explanation_says_so(engine: Engine) -> None:
    desk = office(engine)
    alert_id = desk.shortage(Severity.CRITICAL, THEIRS)
    assert read_by(desk, "acme-desk") == []
    with reading(engine) as connection:
        told = explained(connection, alert_id, "acme-desk", lambda _: desk.configuration)
    assert not told.told
    assert told.answers[0].words == "not told: acme-desk hears of partner acme only, and this is about borealis"


def test_one_that_was_told_before_it_became_a_partners_hears_no_more_of_others(engine: Engine) -> None:
    desk = Office(engine, ANYBODY.replace("to: planners\n", "to: [planners, acme-desk]\n", 1))
    alert_id = desk.shortage(Severity.WARNING, THEIRS)
    assert len(read_by(desk, "acme-desk")) == 1
    desk.configure(FILE % "")
    desk.shortage(Severity.CRITICAL, THEIRS)
    desk.find(subject=THEIRS)
    assert len(read_by(desk, "acme-desk")) == 1
    assert len(read_by(desk, "planners")) == 3
    with reading(engine) as connection:
        told = explained(connection, alert_id, "acme-desk", lambda _: desk.configuration)
    assert "hears of partner acme only" in told.answers[-1].words


def test_a_link_from_before_it_became_a_partners_shows_nothing(engine: Engine) -> None:
    desk = office(engine)
    alert_id = desk.shortage(Severity.WARNING, STOCK, **TELLING)
    keys = LinkKeys.parse("k" * 32)
    pages = acting(engine, desk.desk, lambda: desk.configuration, keys, lambda: desk.now)
    with serving_in_a_thread(WebServer([pages], port=0)) as address:
        page = Reader(address)
        for receiver, status in (("planners", 200), ("acme-desk", 403)):
            answer = page.ask("GET", f"/act/{link_token(keys, alert_id, receiver, desk.now)}")
            assert answer.status == status
            assert bool(re.search("API-7", answer.text)) is (status == 200)


def test_a_silence_that_ends_is_announced_to_us_alone(engine: Engine) -> None:
    desk = office(engine)
    desk.silence('partner="acme"', hours=1, person=ADA)
    desk.wait(timedelta(hours=2))
    assert len(read_by(desk, "planners")) == 1
    assert read_by(desk, "acme-desk") == []
