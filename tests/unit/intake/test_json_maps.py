"""A partner's own JSON by a map: what it gives, where its faults are told, and that no map runs away."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_rules.problems import DocumentError
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.order_map import COUNT, LINE, MAP, feed, read

STOCK = feed()


def refused(a_map: str, document: object = COUNT) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        read(a_map, document)
    return refusal.value


def test_a_map_makes_an_event_of_each_line_in_our_codes_units_and_times() -> None:
    first, second = read(MAP)
    assert first == {
        "specversion": "1.0",
        "source": "/acme/erp",
        "type": "cdmo.raw_material.stock_reported",
        "id": "S1/L-1",
        "time": "2026-07-05T06:00:00Z",
        "siteid": "BSL",
        "data": {
            "material_code": "API-7",
            "internal_lot": "L-1",
            "qty_on_hand": 12.5,
            "uom": "KGM",
            "status": "released",
            "expiry_date": "2026-12-31",
        },
    }
    assert second["data"]["material_code"] == "RM-7"


def test_a_time_with_an_offset_keeps_it_and_one_without_takes_the_feeds_zone_in_winter_too() -> None:
    one_event = '{"type": "cdmo.batch.started", "id": "1", "time": $at(t), "data": {}}'
    assert read(one_event, {"t": "2026-01-05T08:00:00"})[0]["time"] == "2026-01-05T07:00:00Z"
    assert read(one_event, {"t": "2026-01-05T08:00:00-05:00"})[0]["time"] == "2026-01-05T13:00:00Z"


def test_a_day_stands_for_the_clock_that_the_map_names() -> None:
    one_event = '{"type": "cdmo.batch.started", "id": "1", "time": $at(t, "iso", "23:59:59"), "data": {}}'
    assert read(one_event, {"t": "2026-01-05"})[0]["time"] == "2026-01-05T22:59:59Z"


def test_a_map_may_give_one_event_or_none() -> None:
    assert len(read('{"type": "cdmo.batch.started", "id": no, "data": {}}')) == 1
    assert read("lines[qty > 100]") == []


def test_what_a_record_does_not_say_is_left_out_of_the_event() -> None:
    (event,) = read(MAP, {**COUNT, "lines": [{name: value for name, value in LINE.items() if name != "best_before"}]})
    assert "expiry_date" not in event["data"]


def test_the_digest_of_a_value_is_the_same_for_the_same_value_in_another_order() -> None:
    named = '{"type": "x", "id": $digest($$), "data": {}}'
    assert read(named, {"a": 1, "b": [2]})[0]["id"] == read(named, {"b": [2], "a": 1})[0]["id"]
    assert read(named, {"a": 1})[0]["id"] != read(named, {"a": 2})[0]["id"]


@pytest.mark.parametrize(
    ("changed", "reason", "place"),
    [
        ({"code": "A2"}, Reason.UNKNOWN_CODE, "$.lines[1].code"),
        ({"best_before": "31.02.2026"}, Reason.BAD_VALUE, "$.lines[1].best_before"),
        ({"best_before": True}, Reason.BAD_VALUE, "$.lines[1].best_before"),
    ],
)
def test_a_value_that_a_function_refuses_is_told_with_its_path_in_the_record(
    changed: dict[str, Any], reason: Reason, place: str
) -> None:
    refusal = refused(MAP, {**COUNT, "lines": [LINE, {**LINE, **changed}]})
    assert (refusal.reason, refusal.place.partition(", ")[0]) == (reason, place)


def test_a_value_that_stands_elsewhere_in_the_record_is_found_there() -> None:
    refusal = refused(MAP, {**COUNT, "counted": "yesterday"})
    assert refusal.place == "$.counted, map line 4, column 42"


def test_an_event_that_is_not_admitted_can_be_traced_to_the_object_it_was_made_of() -> None:
    drafts = STOCK.read(json.dumps(COUNT).encode(), {})
    assert [draft.place for draft in drafts] == ["$.lines[0]", "$.lines[1]"]


@pytest.mark.parametrize(
    ("a_map", "message"),
    [
        ("lines.(qty + lot)", "must evaluate to a number"),
        ("lines[qty > 0].(1 / 0)", "ZeroDivisionError"),
        ('$number("abc")', "ValueError"),
        ("lines.lot", "no event"),
        ("null", "no event"),
        ('{"data": $sum}', "no JSON"),
    ],
)
def test_a_map_that_fails_on_a_record_refuses_it(a_map: str, message: str) -> None:
    refusal = refused(a_map)
    assert refusal.reason is Reason.BAD_MAP
    assert message in refusal.message
    assert refusal.place


@pytest.mark.parametrize(
    "a_map",
    [
        "($f := function($x) { $f($x) + 1 }; $f(1))",
        "($f := function($x) { $f($x + 1) }; $f(1))",
        '($f := function($x) { $f($x & $x) }; $f("abc"))',
        "($f := function($x) { $f($x * $x) }; $f(3))",
        "($f := function($x) { $f([$x, $x]) }; $f(1))",
        '($f := function($x) { $f({"a": $x}) }; $f(1))',
        '($f := function($x, $n) { $n = 0 ? $string($x) : $f({"a": $x, "b": $x}, $n - 1) }; $f(1, 60))',
        "$sum([1..9999999])",
        '[1..9999999].{"a": 1}',
        '$pad("a", 1000000000)',
        '$join($map([1..100000], function($i) { "x" }), $pad("", 9999, "y"))',
        '$replace($pad("", 9000, "a"), "a", $pad("", 9000, "b"))',
        "$map([1..10000], function($i) { $map([1..10000], function($j) { $j }) })",
        '$reduce([1..60], function($a, $i) { {"x": $a, "y": $a} }, {})',
        "$count($reduce([1..60], function($a, $i) { $append($a, $a) }, [1]))",
    ],
)
def test_a_map_that_runs_away_is_refused_with_its_place_in_the_map(a_map: str) -> None:
    refusal = refused(a_map)
    assert refusal.reason is Reason.BAD_MAP
    assert "map line 1, column " in refusal.place


def test_a_pattern_that_backtracks_elsewhere_takes_linear_time() -> None:
    assert read('$match("' + "a" * 200 + '!", /(a+)+$/).{"type": "x"}') == []


def test_a_map_ends_the_same_way_on_the_same_record_however_often_it_is_read() -> None:
    endless = feed("($f := function($x) { $f($x + 1) }; $f(1))")
    places: set[str] = set()
    for _ in range(3):
        with pytest.raises(Refusal) as refusal:
            endless.read(b"{}", {})
        places.add(str(refusal.value))
    assert len(places) == 1


@pytest.mark.parametrize(
    ("a_map", "place", "message"),
    [
        ("$f(1)", "11:7", "there is no function $f"),
        ('lines.{\n  "id": $our("materials", code)}', "12:15", "there is no function $our (did you mean ours?)"),
        ('{"time": $now()}', "11:16", "$now may not be called"),
        ('{"id": $random()}', "11:14", "$random may not be called"),
        ('$ours("material", code)', "11:13", "there is no table material (did you mean materials?)"),
        ('{"type": "cdmo.batch.plan"}', "11:16", "there is no type cdmo.batch.plan (did you mean cdmo.batch.planned?)"),
        ('{"a" 1}', "11:12", "expected"),
        ("lines.[", "12:1", "before end of expression"),
    ],
)
def test_what_is_wrong_with_a_map_is_told_with_its_place_in_the_profile(a_map: str, place: str, message: str) -> None:
    with pytest.raises(DocumentError) as wrong:
        feed(a_map)
    told = str(wrong.value)
    assert message.lower() in told.lower()
    assert f"acme.yaml:{place}" in told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["A1", "kg"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*LINE, *COUNT]) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_taken_or_refused(content: bytes) -> None:
    try:
        drafts = STOCK.read(content, {})
    except Refusal:
        return
    assert all(draft.place for draft in drafts)
