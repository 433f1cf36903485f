"""A person writes a profile, sees what it makes of a partner's data, and what a change to it would do."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from streams.archive.record import StoredRecord
from streams.cli.program import app
from tests.unit.intake.order_map import COUNT, MAP, text
from tests.unit.intake.stock_profile import GOOD, PROFILE, table

RUNNER = CliRunner()
CSV = b"Werk;Material;Charge;Bestand;Einheit;Verfall;Stand\r\nBSL;API-7;L-1;1.234,5;kg;31.12.2026;05.01.2026 08:00\r\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme.yaml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "bestand.csv").write_bytes(table(GOOD, GOOD.replace("Basel", "Genf")))
    return tmp_path


def run(*words: str) -> Result:
    return RUNNER.invoke(app, words)


def told(*words: str) -> dict[str, Any]:
    return json.loads(run(*words, "--json").stdout)


@pytest.mark.parametrize(
    ("form", "name", "sample"),
    [
        ("csv", "bestand_2026.csv", CSV),
        ("json", "stock.json", json.dumps(COUNT).encode()),
        ("epcis", "shipped.json", b"{}"),
    ],
)
def test_a_first_profile_is_written_with_guesses_and_passes_the_check(
    here: Path, form: str, name: str, sample: bytes
) -> None:
    (here / name).write_bytes(sample)
    assert run("partner", "new", "newone", "--format", form, "--sample", name).exit_code == 0
    checked = run("partner", "check", "newone.yaml")
    assert checked.exit_code == 0, checked.output
    again = run("partner", "new", "newone", "--format", form, "--sample", name)
    assert again.exit_code == 2
    assert "stays as it is" in again.output


def test_a_sample_tells_delimiter_decimal_sign_dates_and_most_columns(here: Path) -> None:
    (here / "bestand_2026.csv").write_bytes(CSV)
    run("partner", "new", "newone", "--format", "csv", "--sample", "bestand_2026.csv")
    (one,) = told("mapping", "try", "bestand_2026.csv", "--partner", "newone.yaml")["records"]
    assert (one["reason"], one["message"]) == ("bad_field", "Object missing required field `status`")
    profile = here / "newone.yaml"
    profile.write_text(profile.read_text().replace("# status: ...", "status: quarantine #"))
    (one,) = told("mapping", "try", "bestand_2026.csv", "--partner", "newone.yaml")["records"]
    data = one["events"][0]["data"]
    assert (data["qty_on_hand"], data["internal_lot"], data["expiry_date"]) == (1234.5, "L-1", "2026-12-31")


def test_a_sample_without_a_time_leaves_the_place_where_one_has_to_be_named(here: Path) -> None:
    (here / "plain.csv").write_bytes(b"Lot,Qty\nL-1,5\n")
    run("partner", "new", "newone", "--format", "csv", "--sample", "plain.csv")
    checked = run("partner", "check", "newone.yaml")
    assert checked.exit_code == 1
    assert "there is no field say which column tells when" in checked.output.replace("\n", " ")


def test_the_check_tells_what_is_wrong_with_line_and_column_and_what_would_be_read(here: Path) -> None:
    (here / "wrong.yaml").write_text(PROFILE.replace("Europe/Berlin", "Berlin"), encoding="utf-8")
    checked = run("partner", "check", "wrong.yaml", "acme.yaml")
    assert checked.exit_code == 1
    assert "wrong.yaml:2:7: Berlin is no IANA time zone" in checked.output
    assert "in order: acme.yaml, partner acme" in checked.output
    wrong, good = told("partner", "check", "wrong.yaml", "acme.yaml")["files"]
    assert (wrong["problems"][0]["line"], wrong["problems"][0]["column"]) == (2, 7)
    assert good["feeds"]["lager"]["media_types"] == ["text/csv"]


def test_a_partner_is_checked_by_its_code_and_one_without_a_profile_is_told() -> None:
    assert "scms" in run("partner", "check", "scms").output
    assert run("partner", "check", "nobody").exit_code == 2


def test_a_file_is_tried_without_sending_each_record_beside_its_events_or_its_fault() -> None:
    found = told("mapping", "try", "bestand.csv", "--partner", "acme.yaml")
    good, bad = found["records"]
    assert [event["type"] for event in good["events"]] == ["cdmo.raw_material.stock_reported"]
    assert (bad["reason"], bad["place"]) == ("unknown_code", "line 3, column 'Werk'")
    assert found["feed"].startswith("acme/lager@")
    shown = run("mapping", "try", "bestand.csv", "--partner", "acme.yaml")
    assert shown.exit_code == 1
    assert "2 records: 1 events, 1 refused" in shown.output


def test_a_feed_is_named_where_several_fit(here: Path) -> None:
    (here / "two.yaml").write_text(PROFILE.replace("tables:\n", two_feeds() + "tables:\n"), encoding="utf-8")
    (here / "any.json").write_text("{}")
    asked = run("mapping", "try", "any.json", "--partner", "two.yaml")
    assert asked.exit_code == 2
    assert "name one of lager, stock with --feed" in asked.output.replace("\n", " ")
    assert run("mapping", "try", "any.json", "--partner", "two.yaml", "--feed", "stock").exit_code == 0


def two_feeds() -> str:
    return "  stock: {format: json, source: /acme, map: 'lines.{}'}\n"


def test_a_changed_profile_is_compared_on_records_of_a_file(here: Path) -> None:
    changed = PROFILE.replace("times: 0.001", "times: 1").replace("Visp: VIS", "Genf: VIS")
    (here / "new.yaml").write_text(changed, encoding="utf-8")
    (here / "bestand.csv").write_bytes(table(GOOD, GOOD.replace("Basel", "Genf"), GOOD.replace("Basel", "Visp")))
    shown = run("mapping", "diff", "--partner", "acme.yaml", "--new", "new.yaml", "--records", "bestand.csv")
    assert shown.exit_code == 1
    found = told("mapping", "diff", "--partner", "acme.yaml", "--new", "new.yaml", "--records", "bestand.csv")
    assert (found["records"], found["counts"]) == (3, {"changed": 1, "newly_taken": 1, "newly_refused": 1})
    assert found["fields"] == {"$.data.qty_on_hand": 1}
    (changed_one,) = [one for one in found["examples"] if one["kind"] == "changed"]
    (field,) = changed_one["changes"]
    assert (field["before"], field["after"]) == (pytest.approx(1.2345), 1234.5)


def test_a_changed_map_is_compared_on_the_last_records_that_came(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of the archive are given here; reading them is tested where it is done."""
    (here / "old.yaml").write_text(text(MAP), encoding="utf-8")
    (here / "new.yaml").write_text(text(MAP.replace('"BSL"', '"VIS"')), encoding="utf-8")
    event = msgspec.json.encode(COUNT)
    headers = (("content-type", b"application/json; feed=stock"),)

    def last(settings: object, partner: str, number: int) -> list[StoredRecord]:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        return [
            StoredRecord(partner, f"cdmo.{partner}.inbound", 0, one, now, None, event, headers) for one in range(number)
        ]

    monkeypatch.setattr("streams.archive.stored.last_records", last)
    found = told("mapping", "diff", "--partner", "old.yaml", "--new", "new.yaml", "--last", "7")
    assert (found["records"], found["counts"], found["fields"]) == (7, {"changed": 7}, {"$.siteid": 7})
