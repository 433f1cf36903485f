"""Which records a body becomes."""

import json

import pytest

from risk_rules.documents import Document
from streams.intake.profile import Profile, from_document
from streams.intake.webhook.content import NotTaken, records
from tests.unit.intake.order_map import COUNT, MAP, text
from tests.unit.intake.stock_profile import GOOD, PROFILE, table

BODY = json.dumps(COUNT).encode()


def taking_json() -> Profile:
    return from_document(Document.parse(text(MAP).replace("source:", "transport: webhook\n    source:"), "acme.yaml"))


def taking_csv() -> Profile:
    said = PROFILE.replace("transport: files", "transport: webhook").replace('    files: "bestand*.csv"\n', "")
    return from_document(Document.parse(said, "acme.yaml"))


def test_a_body_goes_on_as_it_came_with_the_feed_that_takes_it() -> None:
    (record,) = records(taking_json(), "Application/JSON; charset=utf-8", "msg_1", BODY)
    assert record.value == BODY
    headers = dict(record.headers)
    assert headers["content-type"] == b"Application/JSON; charset=utf-8; feed=stock"
    assert headers["bellwether.webhook_id"] == b"msg_1"


def test_cloudevents_need_no_profile() -> None:
    (record,) = records(None, "application/cloudevents+json", "msg_1", b"{}")
    assert dict(record.headers) == {
        "content-type": b"application/cloudevents+json", "bellwether.webhook_id": b"msg_1",
    }  # fmt: skip


def test_a_table_becomes_a_record_a_row() -> None:
    found = records(taking_csv(), "text/csv; feed=lager", "msg_1", table(GOOD, GOOD))
    assert len(found) == 2
    assert all(dict(one.headers)["bellwether.webhook_id"] == b"msg_1" for one in found)
    assert dict(found[0].headers)["content-type"] == b"text/csv; feed=lager"


@pytest.mark.parametrize(
    ("content_type", "why"),
    [
        ("", "needs a content-type"),
        ("text/html", "takes 'text/html'"),
        ("application/json; feed=other", "has not the feed 'other'"),
        ("application/vnd.bellwether.tick", "takes 'application/vnd.bellwether.tick'"),
        ("application/json\n", "needs a content-type"),
        ("x" * 301, "needs a content-type"),
    ],
)
def test_a_content_type_that_no_feed_takes_is_refused(content_type: str, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        records(taking_json(), content_type, "msg_1", BODY)


def test_a_feed_that_comes_another_way_takes_no_webhooks() -> None:
    with pytest.raises(NotTaken, match="with transport: webhook"):
        records(from_document(Document.parse(text(MAP), "acme.yaml")), "application/json", "msg_1", BODY)
    with pytest.raises(NotTaken):
        records(None, "application/json", "msg_1", BODY)
