"""What the rulebook that ships says, and what it keeps quiet about."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import risk_rules
from risk_rules.catalogue import FEATURES
from risk_rules.findings import Finding, Severity
from risk_rules.rulebook import load

RULEBOOK = load([Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml"])
TODAY = datetime(2026, 4, 1, 8, tzinfo=UTC)
WATCH, WARNING, CRITICAL = Severity.WATCH, Severity.WARNING, Severity.CRITICAL


def found(kind: str, **features: Any) -> dict[str, Finding]:
    """What is found of a subject that has been so for two weeks."""
    judge = RULEBOOK.judge(kind)
    assert judge is not None
    unknown = features.keys() - FEATURES[kind].keys()
    assert not unknown
    known = dict.fromkeys(FEATURES[kind]) | features
    first = judge(known, None, TODAY - timedelta(days=14))
    return {finding.kind: finding for finding in judge(known, first.memory, TODAY).findings}


def severities(kind: str, **features: Any) -> dict[str, Severity | None]:
    return {name: finding.severity for name, finding in found(kind, **features).items()}


STOCK: dict[str, Any] = {
    "material": "RM-TOLUENE", "name": "Toluene", "site": "BSL", "unit": "LTR", "silent": False,
    "usable_qty": 120.0, "required_qty": 8000.0, "inbound_qty": 3000.0, "lead_time_days": 28.0, "supplier": "solvex",
    "moq": 590.0, "safety_stock": 0.0, "lateness_days": 0.0, "overdue_receipt_qty": 0.0, "doubtful_qty": 0.0,
    "shortage_qty": 0.0,
}  # fmt: skip


def shortage(in_days: int, **more: Any) -> dict[str, Any]:
    """A shortage of 1,500 litres that many days after 1 April 2026."""
    today = date(2026, 4, 1).toordinal()
    on, order_by = date.fromordinal(today + in_days), date.fromordinal(today + in_days - 28)
    dated = {"shortage_in_days": in_days, "shortage_on": on, "order_by": order_by, "order_in_days": in_days - 28}
    return STOCK | dated | {"shortage_qty": 1500.0} | more


@pytest.mark.parametrize("kind", [kind for kind in FEATURES if RULEBOOK.judge(kind)])
def test_nothing_is_said_of_a_subject_of_which_nothing_is_known(kind: str) -> None:
    assert found(kind) == {}


def test_a_shortage_is_for_today_from_a_week_before_the_last_moment_to_order() -> None:
    assert [severities("material", **shortage(days)).get("shortage") for days in (60, 36, 35, 28, 27, 21, 3)] == [
        None,
        None,
        WARNING,
        WARNING,
        WARNING,
        CRITICAL,
        CRITICAL,
    ]


def test_a_shortage_is_told_of_four_weeks_sooner_where_a_receipt_has_slipped_by_weeks() -> None:
    slipped = {"lateness_days": 21.0}
    assert severities("material", **shortage(64, **slipped)) == {}
    assert severities("material", **shortage(63, **slipped)) == {"shortage": WARNING}
    assert severities("material", **shortage(63, lateness_days=20.0)) == {}


def test_a_shortage_must_outlast_late_bookings_before_anybody_is_called() -> None:
    judge = RULEBOOK.judge("material")
    assert judge is not None
    features = dict.fromkeys(FEATURES["material"]) | shortage(10)
    memory, severities = None, list[Severity | None]()
    for hours in (0, 23, 24):
        findings, memory, again = judge(features, memory, TODAY + timedelta(hours=hours))
        severities += [finding.severity for finding in findings]
        assert again == (TODAY + timedelta(hours=24) if hours < 24 else None)
    assert severities == [WATCH, WATCH, CRITICAL]


def test_a_shortage_that_a_new_plan_hides_for_some_days_is_one_alert() -> None:
    judge = RULEBOOK.judge("material")
    assert judge is not None
    short = dict.fromkeys(FEATURES["material"]) | shortage(10)
    hidden = dict.fromkeys(FEATURES["material"]) | STOCK
    memory, told, texts = None, list[int](), list[str]()
    for day, features in ((0, short), (1, short), (3, hidden), (7, hidden), (8, hidden)):
        findings, memory, _ = judge(features, memory, TODAY + timedelta(days=day))
        told.append(len(findings))
        texts += [finding.summary for finding in findings]
    assert told == [1, 1, 1, 1, 0]
    assert texts[-1].startswith(
        "RM-TOLUENE Toluene at BSL was to run short, and does not by the newest plan: 0 LTR missing"
    )


def test_a_gap_that_the_next_receipt_closes_in_a_few_days_stays_at_watch() -> None:
    closing = shortage(10, next_receipt_on=date(2026, 4, 14), next_receipt_qty=2000.0)
    assert severities("material", **closing) == {"shortage": WATCH}
    assert severities("material", **closing | {"next_receipt_on": date(2026, 4, 15)}) == {"shortage": CRITICAL}
    assert severities("material", **closing | {"next_receipt_qty": 100.0}) == {"shortage": CRITICAL}
    assert severities("material", **closing | {"lateness_days": 3.0}) == {"shortage": CRITICAL}, "it may slip again"


def test_a_deficit_within_the_noise_of_yields_stays_at_watch() -> None:
    assert severities("material", **shortage(10, shortage_qty=60.0)) == {"shortage": WATCH}
    assert severities("material", **shortage(10, shortage_qty=100.0)) == {"shortage": CRITICAL}


def test_a_buyer_reads_what_is_missing_when_and_what_to_order_from_whom() -> None:
    message = found("material", **shortage(31, safety_stock=500.0))["shortage"]
    assert message.summary.startswith(
        "RM-TOLUENE Toluene at BSL runs short on 2 May 2026, in 31 days: 1,500 LTR missing"
    )
    assert message.advice == "Order by 4 April 2026 from solvex 2,000 LTR. Nothing is on its way."
    assert (message.impact_on, message.quantity, message.unit) == (date(2026, 5, 2), 1500.0, "LTR")
    late = found("material", **shortage(10, silent=True))["shortage"].advice
    assert late.startswith("Too late for a normal order (last day was 14 March 2026)")
    assert late.endswith("The feed of the site is silent: ask before you act.")


def test_what_is_made_in_the_network_has_no_supplier_and_still_runs_short() -> None:
    made = shortage(12) | dict.fromkeys(("supplier", "lead_time_days", "moq", "order_by", "order_in_days"))
    assert severities("material", **made) == {"shortage": CRITICAL}
    assert found("material", **made)["shortage"].advice.startswith("Made in the network: pull batches forward")


def test_a_shortage_that_hangs_on_doubtful_batches_is_less_likely() -> None:
    doubtful = STOCK | {"doubtful_qty": 900.0, "shortage_without_doubtful_in_days": 12}
    message = found("material", **doubtful)["shortage_in_doubt"]
    assert (message.severity, message.likelihood) == (WATCH, 0.3)
    assert "shortage_in_doubt" not in found("material", **shortage(12) | {"doubtful_qty": 900.0})


def test_stock_below_safety_is_watched_unless_a_shortage_says_more() -> None:
    assert severities("material", **STOCK | {"safety_stock": 500.0, "below_safety_in_days": 3}) == {
        "below_safety": WATCH
    }
    assert severities("material", **shortage(10, safety_stock=500.0, below_safety_in_days=3)) == {"shortage": CRITICAL}


def test_a_ship_may_be_later_than_a_truck() -> None:
    def late(mode: str, days: float) -> Any:
        return severities("shipment", status="in_transit", mode=mode, days_overdue=days).get("late")

    assert [late("road", days) for days in (0.5, 2, 6, 22)] == [None, WATCH, WARNING, CRITICAL]
    assert [late("ocean", days) for days in (6, 10)] == [WATCH, WARNING]
    assert severities("shipment", status="arrived", mode="road", days_overdue=30.0) == {}


def test_a_slip_of_the_estimate_is_on_the_list_before_the_shipment_is_late_and_urgent_only_as_a_shortage() -> None:
    moving: dict[str, Any] = {"status": "in_transit", "days_overdue": 0.0}
    assert severities("shipment", **moving, eta_slip_days=1.0) == {}
    assert severities("shipment", **moving, eta_slip_days=3.0) == {"eta_slip": WATCH}
    assert severities("shipment", **moving, eta_slip_days=14.0) == {"eta_slip": WATCH}


def test_warmth_that_did_harm_is_critical_even_after_arrival() -> None:
    cold: dict[str, Any] = {"status": "received", "readings": 90, "temp_min": 2.0, "temp_max": 8.0, "mkt_celsius": 5.0}
    assert severities("shipment", **cold, excursion_minutes=0.0) == {}
    assert severities("shipment", **cold, excursion_minutes=30.0) == {"excursion": WATCH}
    assert severities("shipment", **cold, excursion_minutes=90.0) == {"excursion": WARNING}
    assert severities("shipment", **cold | {"mkt_celsius": 8.4}, excursion_minutes=600.0) == {"excursion": CRITICAL}


def test_a_batch_that_waits_a_few_days_is_noise() -> None:
    def behind(days: float) -> Any:
        return severities("batch", status="planned", start_delay_days=days).get("behind_plan")

    assert [behind(days) for days in (2, 4, 11, 30)] == [None, WATCH, WARNING, CRITICAL]


def test_a_release_is_in_doubt_as_soon_as_a_test_fails_or_a_critical_deviation_opens() -> None:
    assert severities("batch", status="started", open_minor=2) == {}
    assert severities("batch", status="started", open_major=1) == {"release_in_doubt": WATCH}
    assert severities("batch", status="completed", qc_failed=1) == {"release_in_doubt": WARNING}
    assert severities("batch", status="completed", open_critical=1) == {"release_in_doubt": CRITICAL}
    assert severities("batch", status="released", open_critical=1) == {}
    assert severities("batch", status="rejected", qc_failed=1) == {"rejected": WARNING}


def test_a_release_overdue_gets_worse_with_time() -> None:
    def overdue(days: float) -> Any:
        return severities("batch", status="completed", release_overdue_days=days).get("release_overdue")

    assert [overdue(days) for days in (0, 2, 8, 25)] == [None, WATCH, WARNING, CRITICAL]


def test_a_result_is_missed_after_ten_working_days_and_only_until_it_or_a_decision_comes() -> None:
    # Wednesday 18 March 2026; ten working days later is the end of Wednesday 1 April.
    finished = datetime(2026, 3, 18, 8, tzinfo=UTC)
    waiting: dict[str, Any] = {"status": "completed", "completed_at": finished, "products_share": 0.5}
    in_time = severities("batch", **waiting | {"completed_at": finished + timedelta(days=1)})
    assert (severities("batch", **waiting), in_time) == ({}, {})
    waiting["completed_at"] -= timedelta(days=1)
    late = found("batch", **waiting)["result_missing"]
    assert (late.severity, "by 31 March 2026" in late.summary) == (WATCH, True)
    assert severities("batch", **waiting | {"qc_result_at": TODAY}) == {}
    assert severities("batch", **waiting | {"status": "released"}) == {}


def test_an_overload_is_urgent_only_when_it_is_near_and_great() -> None:
    load: dict[str, Any] = {"overload_hours": 40.0, "peak_utilisation": 1.4}
    assert severities("line", **load, days_to_overload=70) == {}
    assert severities("line", **load, days_to_overload=30) == {"overload": WATCH}
    assert severities("line", **load, days_to_overload=14) == {"overload": WARNING}


def test_a_critical_deviation_is_told_at_once_and_ageing_by_its_due_date() -> None:
    opened: dict[str, Any] = {"status": "open", "days_to_due": 20.0, "overdue_days": 0.0}
    assert severities("deviation", **opened | {"class": "critical", "batches": 2}) == {"critical_deviation": CRITICAL}
    assert severities("deviation", **opened | {"class": "critical", "batches": 0}) == {"critical_deviation": WARNING}
    late = opened | {"days_to_due": -20.0, "overdue_days": 20.0}
    assert severities("deviation", **late | {"class": "major"}) == {"ageing": WARNING}
    assert severities("deviation", **late | {"class": "minor"}) == {"ageing": WATCH}
    assert severities("deviation", **late | {"class": "critical", "status": "closed"}) == {}


def test_an_overdue_action_is_watched_first() -> None:
    due: dict[str, Any] = {"status": "open", "capa_id": "C-1"}
    assert severities("capa", **due, days_to_due=30.0, overdue_days=0.0) == {}
    assert severities("capa", **due, days_to_due=-3.0, overdue_days=3.0) == {"ageing": WATCH}
    assert severities("capa", **due, days_to_due=-40.0, overdue_days=40.0) == {"ageing": WARNING}


def test_silence_is_never_green() -> None:
    def silent(hours: float) -> Any:
        return severities("feed", hours_since_last=hours, silent_after_hours=48.0).get("untrusted")

    assert [silent(hours) for hours in (40, 50, 80, 400)] == [None, WATCH, WARNING, CRITICAL]
