"""The page behind a link: who only looks changes nothing, and who acts does so once, with a name and a reason."""

import http.client
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import Engine, select

from alerting.console.acting import acting
from alerting.life.people import Acknowledge
from alerting.links import LINK_LIVES, LinkKeys, link_token
from alerting.tables import alert_handling, alert_judgement, audit
from streams.web_server import WebServer
from tests.integration.alerting.office import ADA, Office, stocks
from tests.integration.alerting.serving import serving_in_a_thread

KEYS = LinkKeys.parse("k" * 32)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    source: str

    @property
    def text(self) -> str:
        return unescape(self.source)


class Reader:
    """Somebody with a browser, or a program that only looks like one."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address)

    def ask(self, method: str, path: str, **fields: str) -> Answer:
        connection = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=10)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = connection.getresponse()
            source = answer.read().decode()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, source)
        finally:
            connection.close()

    def fill_in(self, path: str, **fields: str) -> Answer:
        """Open the page, and send it filled in."""
        return self.ask("POST", path, **(self.page(path) | fields))

    def page(self, path: str) -> dict[str, str]:
        """What the page sends along by itself."""
        found = re.search(r'name="page" value="([^"]+)"', self.ask("GET", path).text)
        assert found is not None
        return {"page": found[1], "hours": "4"}


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def reader(office: Office) -> Iterator[Reader]:
    router = acting(office.engine, office.desk, lambda: office.configuration, KEYS, lambda: office.now)
    with serving_in_a_thread(WebServer([router], port=0)) as address:
        yield Reader(address)


def link(office: Office, alert_id: str, receiver: str = "planners") -> str:
    return f"/act/{link_token(KEYS, alert_id, receiver, office.now)}"


def everything(office: Office) -> list[list[dict[str, Any]]]:
    return [office.rows(select(table)) for table in (alert_handling, alert_judgement, audit)]


ACK = {"act": "acknowledge", "name": "Mia", "reason": "150 kg ordered"}


def test_looking_changes_nothing_however_often_and_by_whatever_program(office, reader):
    path = link(office, office.shortage())
    before = everything(office)
    for method in ("GET", "HEAD", "GET", "HEAD"):
        answer = reader.ask(method, path)
        assert answer.status == 200
    assert reader.ask("OPTIONS", path).status == 405
    assert reader.ask("PUT", path).status == 405
    assert everything(office) == before


def test_the_page_says_what_it_will_do_and_that_nothing_has_changed_yet(office, reader):
    page = reader.ask("GET", link(office, office.shortage())).text
    assert "API-7 runs out on 2 Feb 2026, 120 kg short" in page
    assert "Now: <strong>open</strong>" in page
    assert "Nobody else is asked until then" in page
    assert "Opening this page has changed nothing." in page


def test_an_acknowledgement_is_by_name_and_with_a_reason_in_history_and_audit_trail(office, reader):
    alert_id = office.shortage()
    answer = reader.fill_in(link(office, alert_id), **ACK)
    assert (answer.status, "You have it until" in answer.text) == (200, True)
    handling = office.handling(alert_id)
    assert (handling["state"], handling["person"]) == ("acknowledged", "Mia")
    assert handling["until"] == office.now + timedelta(hours=4)
    entry = office.rows(select(audit).where(audit.c.action == "alert.acknowledge"))[0]
    assert (entry["actor"], entry["reason"]) == ("Mia", "150 kg ordered")
    assert entry["authenticated"] == "link to planners"


def test_a_snooze_ends_and_comes_back(office, reader):
    alert_id = office.shortage()
    reader.fill_in(link(office, alert_id), **ACK | {"act": "snooze"})
    assert office.handling(alert_id)["state"] == "snoozed"
    office.wait(timedelta(hours=4))
    assert office.handling(alert_id)["state"] == "open"


def test_who_says_that_it_is_not_true_closes_it_and_the_judgement_is_kept(office, reader):
    alert_id = office.shortage()
    answer = reader.fill_in(link(office, alert_id), **ACK | {"act": "not_true", "reason": "booked twice"})
    assert answer.status == 200
    (judged,) = office.rows(select(alert_judgement))
    assert (judged["person"], judged["was_true"], judged["reason"]) == ("Mia", False, "booked twice")
    assert office.handling(alert_id)["state"] == "resolved"


@pytest.mark.parametrize("lacking", ["name", "reason", "act"])
def test_without_a_name_a_reason_or_an_act_nothing_is_done_and_the_page_says_so(office, reader, lacking):
    path = link(office, office.shortage())
    before = everything(office)
    answer = reader.fill_in(path, **ACK | {lacking: "  " if lacking != "act" else "explode"})
    assert (answer.status, 'role="alert"' in answer.text) == (422, True)
    assert everything(office) == before


def test_a_page_acts_once(office, reader):
    alert_id = office.shortage()
    path = link(office, alert_id)
    page = reader.page(path)
    assert reader.ask("POST", path, **page, **ACK).status == 200
    before = everything(office)
    again = reader.ask("POST", path, **page, **ACK)
    assert (again.status, "has changed since" in again.text) == (409, True)
    assert everything(office) == before


def test_a_page_that_somebody_overtook_acts_no_more(office, reader):
    alert_id = office.shortage()
    path = link(office, alert_id)
    page = reader.page(path)
    office.act(alert_id, Acknowledge(office.now + timedelta(days=1), "on it"))
    assert reader.ask("POST", path, **page, **ACK | {"act": "not_true"}).status == 409
    assert office.handling(alert_id)["person"] == ADA.name


def test_forged_strange_and_ended_links_change_nothing(office, reader):
    alert_id = office.shortage()
    path, page = link(office, alert_id), {"page": "", "hours": "4"}
    page = reader.page(path)
    forged = f"/act/{link_token(LinkKeys.parse('x' * 32), alert_id, 'planners', office.now)}"
    before = everything(office)
    for wrong in (forged, path[:-1] + ("A" if path[-1] != "A" else "B"), "/act/x", "/act/..%2f"):
        assert reader.ask("GET", wrong).status in (403, 404)
        assert reader.ask("POST", wrong, **page, **ACK).status in (403, 404)
    office.now += LINK_LIVES
    ended = reader.ask("POST", path, **page, **ACK)
    assert (ended.status, "this link is over" in ended.text) == (403, True)
    office.now -= LINK_LIVES
    assert everything(office) == before


def test_the_page_of_one_alert_or_reader_does_not_act_on_another(office, reader):
    first = office.shortage()
    other = office.shortage(subject=next(iter(stocks(1))))
    before = everything(office)
    for path in (link(office, other), link(office, first, "manager")):
        answer = reader.ask("POST", path, **reader.page(link(office, first)), **ACK)
        assert answer.status == 403
    assert everything(office) == before


def test_a_link_to_what_is_over_says_so(office, reader):
    alert_id = office.shortage()
    path = link(office, alert_id)
    office.find()
    answer = reader.ask("GET", path)
    assert (answer.status, "resolved. There is nothing left to do" in answer.text) == (200, True)


def test_pages_are_not_kept_framed_or_passed_on(office, reader):
    headers = reader.ask("GET", link(office, office.shortage())).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_what_a_partner_or_a_reader_wrote_is_text_on_the_page(office, reader):
    alert_id = office.shortage(summary="<script>alert(1)</script>")
    path = link(office, alert_id)
    assert "<script" not in reader.ask("GET", path).source
    answer = reader.fill_in(path, **ACK | {"reason": " ", "name": '"><script>x'})
    assert "<script" not in answer.source
    assert '"><script>x' in answer.text
