"""Which feed of a partner a record belongs to: the one that it names, else the only one that takes its content type."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from risk_rules.documents import Document
from streams.intake.admission import Feed
from streams.intake.profile import Profile, from_document
from streams.intake.reading import canonical_records, drafts_of, mapping_of
from streams.intake.refusal import Reason, Refusal
from streams.intake.trying import Came
from tests.unit.intake.order_map import COUNT, MAP, text

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ACME = Feed("acme", frozenset({"BSL", "VIS"}))
STOCK = from_document(Document.parse(text(MAP), "acme.yaml"))
SECOND = '  other: {format: json, source: /acme/other, map: "lines[qty < 0].{}"}\n'
TWO = from_document(Document.parse(text(MAP) + SECOND, "acme.yaml"))
CLOUD_EVENT = {
    "specversion": "1.0", "id": "1", "source": "/acme", "type": "cdmo.batch.cancelled", "siteid": "BSL",
    "time": "2026-07-05T08:00:00Z", "data": {"batch_id": "B-1"},
}  # fmt: skip


def record(content_type: str, value: object = COUNT, headers: Mapping[str, str] | None = None) -> Came:
    more = [(name, content.encode()) for name, content in (headers or {}).items()]
    return Came(0, None, json.dumps(value).encode(), [("content-type", content_type.encode()), *more])


def refused(came: Came, profile: Profile | None) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        drafts_of(came, profile)
    return refusal.value


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "text/json; feed=stock"]
)
def test_the_only_feed_that_takes_a_content_type_is_meant(content_type: str) -> None:
    assert len(drafts_of(record(content_type), STOCK)) == 2


def test_one_of_several_has_to_be_named() -> None:
    refusal = refused(record("application/json"), TWO)
    assert refusal.reason is Reason.UNKNOWN_FEED
    assert "2 feeds for 'application/json'" in refusal.message
    assert drafts_of(record("application/json; feed=other"), TWO) == []
    assert len(drafts_of(record('application/json; feed="stock"'), TWO)) == 2


@pytest.mark.parametrize(
    ("content_type", "profile", "message"),
    [
        ("application/json; feed=stocks", STOCK, "has no feed 'stocks'; it has stock"),
        ("text/csv", STOCK, "no feed for 'text/csv'"),
        ("text/csv; feed=lager", None, "it has none"),
    ],
)
def test_a_record_of_a_feed_that_is_not_there_is_refused(
    content_type: str, profile: Profile | None, message: str
) -> None:
    refusal = refused(record(content_type), profile)
    assert (refusal.reason, refusal.place) == (Reason.UNKNOWN_FEED, "header content-type")
    assert message in refusal.message


def test_cloud_events_need_no_feed_and_no_profile() -> None:
    structured = record("application/cloudevents+json", CLOUD_EVENT)
    attributes = {f"ce_{name}": str(value) for name, value in CLOUD_EVENT.items() if name != "data"}
    binary = record("application/json", CLOUD_EVENT["data"], attributes)
    for profile in (None, STOCK):
        profiles = {} if profile is None else {"acme": profile}
        first, second = (canonical_records(one, ACME, profiles, NOW) for one in (structured, binary))
        assert json.loads(first[0].value)["id"] == json.loads(second[0].value)["id"] == "1"
        assert mapping_of(structured, profile) == "cloudevents@1.0"


def test_what_reads_a_record_is_named_with_its_version() -> None:
    version = STOCK.feeds["stock"].version
    assert mapping_of(record("application/json"), STOCK) == f"acme/stock@{version}"
    assert mapping_of(record("application/json"), TWO) == "acme/?"


def test_a_record_may_stand_for_one_of_its_events() -> None:
    (draft,) = drafts_of(record("application/json", headers={"bellwether.event": "1"}), STOCK)
    assert draft.event["id"] == "S1/L-2"
    assert refused(record("application/json", headers={"bellwether.event": "2"}), STOCK).reason is Reason.NO_EVENT


def test_an_event_that_is_not_admitted_is_told_with_its_place_in_the_record_and_in_the_event() -> None:
    bad = {**COUNT, "lines": [COUNT["lines"][0], {**COUNT["lines"][0], "qty": "many"}]}
    with pytest.raises(Refusal) as refusal:
        canonical_records(record("application/json", bad), ACME, {"acme": STOCK}, NOW)
    assert refusal.value.place == "$.lines[1], $.data.qty_on_hand"


def test_a_dropped_file_of_cloud_events_is_one_event_or_a_batch() -> None:
    dropped = '  events: {format: cloudevents, transport: files, files: "*.json", source: /acme}\n'
    profile = from_document(Document.parse(text(MAP) + dropped, "acme.yaml"))
    feed = profile.feeds["events"]
    for value, count in ((CLOUD_EVENT, 1), ([CLOUD_EVENT, {**CLOUD_EVENT, "id": "2"}], 2)):
        (one,) = feed.format.records(json.dumps(value).encode(), feed.said, feed=feed.name, file="events.json")
        came = Came(0, one.key, one.value, one.headers)
        assert len(canonical_records(came, ACME, {"acme": profile}, NOW)) == count
        assert len(feed.read(one.value, {})) == count
