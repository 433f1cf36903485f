"""What a partner may say, and what the canonical record keeps of it."""

import json
from typing import Any

import pytest

from streams.intake.refusal import Reason
from tests.unit.intake.partner_events import ONE_SITE, event_of, refused, stock_report, taken, text


def test_the_canonical_record_names_the_partner_of_the_topic_and_is_keyed_by_site() -> None:
    canonical = taken(text(stock_report()))
    assert canonical.key == b"BSL"
    assert canonical.family == "raw_material"
    assert event_of(canonical).partnerid == "acme"


def test_unknown_extensions_and_unknown_fields_of_data_are_kept() -> None:
    kept = json.loads(taken(text(stock_report(plantcode="Z9", retries=3, test=False))).value)
    assert (kept["plantcode"], kept["retries"], kept["test"]) == ("Z9", 3, False)
    assert kept["data"]["bin"] == {"aisle": 4}


def test_nothing_is_invented() -> None:
    kept = json.loads(taken(text(stock_report(subject=None))).value)
    assert set(kept) == {*stock_report(), "partnerid"}


def test_a_record_that_claims_another_partner_is_refused() -> None:
    assert refused(text(stock_report(partnerid="rival"))).reason is Reason.PARTNER_MISMATCH


def test_a_record_that_names_its_own_partner_is_taken() -> None:
    assert event_of(taken(text(stock_report(partnerid="acme")))).partnerid == "acme"


@pytest.mark.parametrize("site", ["RIVAL", "", "bsl", None, 5])
def test_a_site_that_is_not_the_partners_is_refused(site: object) -> None:
    assert refused(text(stock_report(siteid=site))).reason is Reason.UNKNOWN_SITE


def test_a_partner_with_one_site_need_not_name_it() -> None:
    assert taken(text(stock_report(siteid=None)), feed=ONE_SITE).key == b"BSL"


def test_an_unknown_type_is_refused() -> None:
    assert refused(text(stock_report(type="cdmo.batch.exploded"))).reason is Reason.UNKNOWN_TYPE


def test_a_partner_cannot_move_the_clock() -> None:
    assert refused(text(stock_report(type="bellwether.tick", data={}))).reason is Reason.RESERVED_TYPE


def test_a_partner_may_withdraw_what_it_said() -> None:
    withdrawal = stock_report(id="evt-2", type="cdmo.event.withdrawn", data={"event_id": "evt-1"})
    assert taken(text(withdrawal)).family == "event"


def test_a_time_of_today_is_taken_even_by_a_clock_that_runs_fast() -> None:
    assert taken(text(stock_report(time="2026-02-01T23:59:59+00:00")))


def test_a_time_more_than_a_day_ahead_is_refused() -> None:
    refusal = refused(text(stock_report(time="2026-02-02T00:00:01Z")))
    assert (refusal.reason, refusal.place) == (Reason.FUTURE_TIME, "$.time")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"qty_on_hand": -1}, "$.data.qty_on_hand"),
        ({"qty_on_hand": "12"}, "$.data.qty_on_hand"),
        ({"qty_on_hand": 1e13}, "$.data.qty_on_hand"),
        ({"uom": "KILO"}, "$.data.uom"),
        ({"status": "fine"}, "$.data.status"),
        ({"material_code": ""}, "$.data.material_code"),
        ({"expiry_date": "2026-02-30"}, "$.data.expiry_date"),
        ({"expiry_date": "9999-12-31"}, "$.data.expiry_date"),
        ({"retest_date": "31.01.2026"}, "$.data.retest_date"),
    ],
)
def test_a_bad_field_is_refused_with_its_path(data: dict[str, Any], place: str) -> None:
    assert refused(text(stock_report(data=stock_report()["data"] | data))).place == place


@pytest.mark.parametrize(
    ("event_type", "data", "place"),
    [
        (
            "cdmo.shipment.condition",
            {"shipment_id": "S", "readings": [{"at": "9999-12-31T23:59:59-05:00", "celsius": 5}]},
            "$.data.readings[0].at",
        ),
        (
            "cdmo.batch.capacity_reported",
            {"line": "L", "period": "2026-W54", "available_hours": 1},
            "$.data.period",
        ),
        (
            "cdmo.raw_material.requirement_reported",
            {"material_code": "M", "uom": "KGM", "forecast": [{"date": "2026-13-01", "qty": 1}]},
            "$.data.forecast[0].date",
        ),
        (
            "cdmo.deviation.opened",
            {"deviation_id": "D", "class": "odd", "opened_at": "2026-01-05T08:00:00Z"},
            "$.data.class",
        ),
    ],
)
def test_a_day_that_does_not_exist_is_refused_wherever_it_stands(event_type: str, data: object, place: str) -> None:
    assert refused(text(stock_report(type=event_type, data=data))).place == place


@pytest.mark.parametrize("sequence", ["x", "", "-1", "1" * 19, "١"])
def test_a_sequence_that_cannot_be_ordered_is_refused(sequence: str) -> None:
    assert refused(text(stock_report(sequence=sequence))).place == "$.sequence"


def test_a_yield_that_no_batch_can_have_is_refused() -> None:
    data = {
        "batch_id": "B-1", "product_code": "AMLO", "stage": "DS", "line": "R1", "size": 1e12, "uom": "KGM",
        "planned_start": "2026-01-05T08:00:00Z", "planned_finish": "2026-01-06T08:00:00Z", "yield_planned": 1e12,
    }  # fmt: skip
    assert refused(text(stock_report(type="cdmo.batch.planned", data=data))).place == "$.data.yield_planned"
