"""Real deliveries of 2006 to 2012, with all their dirt: every row is accounted for, and late is late.

The file lies beside the repository, or where BELLWETHER_SCMS_FILE says; its licence keeps it out.
"""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streams.intake.admission import Feed
from streams.intake.inbound import header_texts
from streams.intake.profile import NETWORKS, load_all
from streams.network.load import load
from streams.replay import Plan, Scheduled, plan

BESIDE = Path(__file__).parents[4] / "shared" / "data" / "scms_deliveries_2006_2012.csv"
FILE = Path(os.environ.get("BELLWETHER_SCMS_FILE", BESIDE))
NETWORK = load(NETWORKS / "scms.yaml")
DELIVERIES = load_all()["scms"].feeds["deliveries"]
NAMES = {
    "cdmo.raw_material.order_placed": "ordered",
    "cdmo.shipment.booked": "booked",
    "cdmo.shipment.received": "received",
}
FEED = Feed("scms", frozenset(NETWORK.sites))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    "ID,PO / SO #,ASN/DN #,Country,Vendor INCO Term,Shipment Mode,PQ First Sent to Client Date,PO Sent to Vendor Date,"
    "Scheduled Delivery Date,Delivered to Client Date,Delivery Recorded Date,Vendor,Item Description,"
    "Line Item Quantity,Manufacturing Site"
)


def row(**changes: str) -> str:
    cells = dict.fromkeys(COLUMNS.split(","), "N/A") | {
        "ID": "1", "PO / SO #": "SO-1", "Country": "Zambia", "Item Description": "Tablets", "Line Item Quantity": "10",
        "Scheduled Delivery Date": "10-Mar-11", "Delivered to Client Date": "10-Mar-11",
    } | changes  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerow(cells.values())
    return out.getvalue()


def planned(*rows: str) -> Plan:
    return plan((COLUMNS + "\n" + "".join(rows)).encode(), DELIVERIES, FEED, NOW, "scms_deliveries.csv")


def times(of: Plan) -> dict[str, str]:
    return {NAMES[event_of(one)["type"]]: f"{one.at:%Y-%m-%d}" for one in of.schedule}


def event_of(one: Scheduled) -> dict[str, Any]:
    return events_of(one)[one.position]


def events_of(one: Scheduled) -> list[dict[str, Any]]:
    drafts = DELIVERIES.read(one.record.value, header_texts(one.record.headers, one.record.value))
    return [draft.event for draft in drafts]


def test_a_delivery_without_an_order_date_is_booked_a_month_before() -> None:
    assert times(planned(row())) == {"booked": "2011-02-08", "received": "2011-03-10"}


def test_an_order_date_after_the_delivery_says_nothing() -> None:
    late = {"PO Sent to Vendor Date": "4/1/2011", "PQ First Sent to Client Date": "1/5/2011"}
    assert times(planned(row(**late))) == {"booked": "2011-01-05", "received": "2011-03-10"}


def test_an_order_is_placed_when_it_was_sent_to_the_vendor() -> None:
    assert times(planned(row(**{"PO Sent to Vendor Date": "2/1/2011"}))) == {
        "ordered": "2011-02-01", "booked": "2011-02-01", "received": "2011-03-10",
    }  # fmt: skip


@pytest.mark.parametrize("column", ["ID", "Country", "Scheduled Delivery Date", "Delivered to Client Date"])
def test_a_row_without_what_is_needed_is_refused_at_its_line_and_column(column: str) -> None:
    of = planned(row(), row(**{"ID": "2", column: "Date Not Captured"}))
    (refused,) = of.refused
    assert (refused.refusal.reason, refused.refusal.place) == ("missing_value", f"line 3, column '{column}'")
    assert of.accepted == 1


def counted_late() -> int:
    def day(text: str) -> datetime:
        return datetime.strptime(text, "%d-%b-%y").replace(tzinfo=UTC)

    with FILE.open(encoding="utf-8", newline="") as file:
        return sum(
            day(one["Delivered to Client Date"]) > day(one["Scheduled Delivery Date"]) for one in csv.DictReader(file)
        )


@pytest.mark.skipif(not FILE.exists(), reason="the file of deliveries is not here")
def test_every_row_is_accounted_for_and_as_many_are_late_as_the_file_says() -> None:
    of = plan(FILE.read_bytes(), DELIVERIES, FEED, NOW, "scms_deliveries.csv")
    assert of.rows == 6507
    assert of.accepted + len(of.refused) == 6507
    assert len({(one.number, one.position) for one in of.schedule}) == len(of.schedule)
    late = 0
    for one in of.schedule:
        if event_of(one)["type"] == "cdmo.shipment.received":
            data = {NAMES[event["type"]]: event["data"] for event in events_of(one)}
            late += data["received"]["received_at"] > data["booked"]["planned_arrival"]
    assert late == counted_late()
