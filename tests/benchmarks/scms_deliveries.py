"""The deliveries of USAID's Supply Chain Management System, each with what was known of it on its promised day, and no more.

Known then, and used: the order (number, country, programme, request and when it was made, class of product, item, quantity),
who supplies it and under which terms, whether from a regional distribution centre, and the promised date. That is in
the order itself. Of the other deliveries: all outcomes of days that are over, and which promised ones are missing.

Not used, since it was or may have been written down later: the delivered and recorded dates of the delivery itself; the advance
shipment or delivery note (given out at dispatch, so its number and its companions tell when that was); weight, freight
cost and insurance (of what was sent, invoiced afterwards); the row's ID (unclear when it was given); the shipment mode (it may
be the one that was used, not the one that was booked); the plant that made it (of the lot that was picked).
"""

import csv
import math
import os
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from risk_rules.methods.lateness import Prediction, learn, predict
from risk_rules.methods.lateness_case import Delivery, Design
from risk_rules.methods.lateness_state import LatenessState

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "scms_deliveries_2006_2012.csv"
FILE = Path(os.environ.get("BELLWETHER_SCMS_FILE", BESIDE))

ORDERED = Design(
    factors=(
        "country",
        "supplier",
        "programme",
        "request",
        "class",
        "material",
        "terms",
        "source",
        "promise",
        "notice",
        "order lines",
    ),
    crosses=(
        ("supplier", "country"),
        ("country", "material"),
        ("programme", "source"),
        ("programme", "supplier"),
        ("request", "supplier"),
        ("request", "class"),
        ("request", "order lines"),
        ("source", "notice"),
    ),
    numbers=("quantity", "overdue"),
)
"""All that an order of the file tells."""

CARRIED = Design(
    factors=("country", "supplier", "material", "terms", "promise", "order lines"),
    crosses=(("supplier", "country"), ("country", "material"), ("supplier", "order lines")),
    numbers=("quantity", "overdue"),
)
"""What the canonical events carry of it: an order's supplier, material, quantity and promise, a shipment's terms and site."""


class Row(NamedTuple):
    """One row of the file. `facts`: see above; `flow`: whose backlog it joins; `lines`: of its order for the promised day."""

    promised: date
    delivered: date
    facts: dict[str, str]
    quantity: float
    flow: tuple[str, str]
    lines: int

    @property
    def late(self) -> bool:
        return self.delivered > self.promised


def read(file: Path) -> list[Row]:
    """The rows in the order of their promises. Raises OSError without the file."""
    with file.open(encoding="utf-8", newline="") as text:
        cells = list(csv.DictReader(text))
    lines = Counter((row["PO / SO #"], row["Scheduled Delivery Date"]) for row in cells)
    cells.sort(key=lambda row: (_day(row["Scheduled Delivery Date"], "%d-%b-%y"), int(row["ID"])))
    return [_row(row, lines[row["PO / SO #"], row["Scheduled Delivery Date"]]) for row in cells]


def predictions(rows: Sequence[Row], design: Design) -> Iterator[tuple[Row, Prediction]]:
    """Each row predicted in the morning of its promised day; the outcomes of a day are learned when it is over.

    The rows must be in the order of their promises.
    """
    state = LatenessState.empty(design)
    missing: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    for promised, group in groupby(rows, key=lambda row: row.promised):
        due = list(group)
        known = [(row, _known(row, missing)) for row in due]
        for row, delivery in known:
            yield row, predict(design, state, delivery, promised.toordinal())
        learn(design, state, promised.toordinal(), [(delivery, row.late) for row, delivery in known])
        for row in due:
            if row.late:
                insort(missing[row.flow], (row.delivered, 1 / row.lines))


def _known(row: Row, missing: dict[tuple[str, str], list[tuple[date, float]]]) -> Delivery:
    """What is known in the morning of the promised day. An order with several lines counts as one that is overdue."""
    overdue = [share for delivered, share in missing[row.flow] if delivered >= row.promised]
    numbers = {"quantity": (math.log(max(1.0, row.quantity)) - 6.5) / 2, "overdue": math.log1p(math.fsum(overdue))}
    return Delivery(row.facts, numbers, row.lines)


def _row(row: dict[str, str], lines: int) -> Row:
    promised = _day(row["Scheduled Delivery Date"], "%d-%b-%y")
    facts = {
        "country": row["Country"],
        "supplier": row["Vendor"],
        "programme": row["Project Code"],
        "request": row["PQ #"],
        "class": row["Sub Classification"],
        "material": row["Item Description"],
        "terms": row["Vendor INCO Term"],
        "source": row["Fulfill Via"],
        "promise": _kind_of_promise(promised),
        "notice": _notice(row["PQ First Sent to Client Date"], promised),
        "order lines": str(min(6, int(math.log2(lines)))),
    }
    delivered = _day(row["Delivered to Client Date"], "%d-%b-%y")
    flow = (facts["programme"], facts["source"])
    return Row(promised, delivered, facts, float(row["Line Item Quantity"]), flow, lines)


def _kind_of_promise(promised: date) -> str:
    """The middle and the end of a month are promised where nothing more is known than the month."""
    if (promised + timedelta(days=1)).day == 1:
        return "end of month"
    return "middle of month" if promised.day == 15 else "day"


def _notice(asked: str, promised: date) -> str:
    """The time from the request to the promised day, in doublings of a week; a date after that day is none."""
    try:
        weeks = (promised - _day(asked, "%m/%d/%Y")).days / 7
    except ValueError:
        return "unknown"
    return "unknown" if weeks < 0 else str(min(8, int(math.log2(max(1.0, weeks)))))


def _day(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a calendar day, with no time of day to have a zone
