"""The demo as a newcomer runs it."""

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {
    "cold_chain_break", "critical_deviation", "demand_surge", "feed_silent", "line_down", "rejected_batch", "supplier_late",
}  # fmt: skip


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "demo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    ended = demo("--json")
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)


def test_the_summary_has_the_shape_that_others_read(summary: dict[str, Any]) -> None:
    assert set(summary) == {
        "events",
        "events_per_second",
        "rejected",
        "alerts",
        "disruptions",
        "notifications",
        "feeds",
    }
    assert summary["events"] > 10_000
    assert summary["events_per_second"] > 0
    assert all(isinstance(number, int) and number > 0 for number in summary["rejected"].values())
    assert set(summary["alerts"][0]) == {"subject", "kind", "severity", "opened_at", "resolved_at", "impact_on"}
    assert set(summary["disruptions"][0]) == {
        "kind", "subject", "began_at", "first_alert_at", "predicted_impact_on", "true_impact_on",
    }  # fmt: skip
    assert set(summary["notifications"]) == {"sent", "repeated", "failed"}


def test_each_partners_feed_is_accounted_for(summary: dict[str, Any]) -> None:
    formats = {one["partner"]: set(one["formats"]) for one in summary["feeds"]}
    assert {"own JSON by webhook", "UBL by webhook"} < formats["lumena"]
    assert {"CSV by folder", "XLSX by folder", "EDIFACT by topic"} < formats["vistula"]
    assert {"EPCIS by topic", "CloudEvents batch by topic", "CloudEvents binary by topic"} <= formats["sterifill"]
    assert "X12 by topic" in formats["corvia"]
    for one in summary["feeds"]:
        assert one["records"] == one["accepted"] + one["rejected"]
        assert 0 < one["letters"] <= one["rejected"] < 0.05 * one["records"]


def test_every_disruption_is_told_of_before_its_impact(summary: dict[str, Any]) -> None:
    assert {one["kind"] for one in summary["disruptions"]} == KINDS
    for one in summary["disruptions"]:
        assert one["first_alert_at"] is not None, one
        if one["true_impact_on"] is not None:
            assert datetime.fromisoformat(one["first_alert_at"]).date() < date.fromisoformat(one["true_impact_on"]), one


def test_messages_reach_the_chat_and_none_fails(summary: dict[str, Any]) -> None:
    assert summary["notifications"]["sent"] > 0
    assert summary["notifications"]["failed"] == 0


def test_people_see_figures_disruptions_three_messages_and_what_to_try_next() -> None:
    ended = demo("--weeks", "8", "--seed", "3")
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "\x1b[" not in ended.stdout, "colours are for terminals"
    for part in ("events at", "Alerts by kind", "What went wrong, and when it was told", "What to try next"):
        assert part in ended.stdout
