"""The chance of a late delivery on real deliveries of 2006 to 2012: good enough, as often true as it says, no look ahead.

The file lies beside the repository, or where BELLWETHER_SCMS_FILE says; its licence keeps it out.
"""

import csv
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from risk_rules.methods.reliability import auc, brier, reliability
from tests.benchmarks.scms_deliveries import CARRIED, FILE, ORDERED, Row, predictions, read

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the file of deliveries is not here")

PROMISED, DELIVERED, RECORDED = "Scheduled Delivery Date", "Delivered to Client Date", "Delivery Recorded Date"


@pytest.fixture(scope="module")
def told() -> list[tuple[Row, float]]:
    return [(row, prediction.chance) for row, prediction in predictions(read(FILE), ORDERED)]


def judged(told: Sequence[tuple[Row, float]]) -> tuple[list[float], list[bool]]:
    of = [(row, chance) for row, chance in told if row.promised.year in (2011, 2012)]
    return [chance for _, chance in of], [row.late for row, _ in of]


def test_late_deliveries_are_told_from_others_with_what_was_known(told: list[tuple[Row, float]]) -> None:
    chances, late = judged(told)
    assert len(late) == 2284
    assert auc(chances, late) >= 0.80
    assert brier(chances, late) <= 0.110


def test_chances_are_as_often_true_as_they_say(told: list[tuple[Row, float]]) -> None:
    bins = reliability(*judged(told))
    assert all(abs(bin.predicted - bin.came_true) <= 0.05 for bin in bins if bin.cases >= 100)


def test_what_the_events_carry_today_is_nearly_as_good() -> None:
    chances, late = judged([(row, prediction.chance) for row, prediction in predictions(read(FILE), CARRIED)])
    assert auc(chances, late) >= 0.79
    assert brier(chances, late) <= 0.110


def day(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%y").date()  # noqa: DTZ007


def another_future(cells: list[dict[str, str]], today: date, luck: random.Random) -> list[dict[str, str]]:
    """The same file up to the morning of `today`, and anything after.

    Promises for later days have all their columns shuffled. What has not come before today comes on any day from then on; what was
    promised for today may come on time or not.
    """
    later = [row for row in cells if day(row[PROMISED]) > today]
    columns = {name: [row[name] for row in later] for name in cells[0]}
    for values in columns.values():
        luck.shuffle(values)
    shuffled = [{name: values[place] for name, values in columns.items()} for place in range(len(later))]
    earlier = [dict(row) for row in cells if day(row[PROMISED]) <= today]
    for row in earlier:
        if day(row[DELIVERED]) >= today or day(row[PROMISED]) == today:
            row[DELIVERED] = f"{today + timedelta(days=luck.randint(0, 60)):%d-%b-%y}"
        row[RECORDED] = "1-Jan-99"
    mixed = earlier + shuffled
    luck.shuffle(mixed)
    return mixed


def chances_until(file: Path, today: date) -> list[float]:
    rows = takewhile(lambda told: told[0].promised <= today, predictions(read(file), ORDERED))
    return [prediction.chance for _, prediction in rows]


@pytest.mark.parametrize("today", [date(2009, 6, 30), date(2011, 3, 31), date(2012, 3, 16)])
def test_whatever_comes_after_a_day_its_predictions_are_the_same_bit_for_bit(
    today: date, told: list[tuple[Row, float]], tmp_path: Path
) -> None:
    with FILE.open(encoding="utf-8", newline="") as text:
        cells = list(csv.DictReader(text))
    true = [chance for row, chance in told if row.promised <= today]
    assert len(true) == sum(day(row[PROMISED]) <= today for row in cells)
    other = tmp_path / "other.csv"
    with other.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(cells[0]))
        writer.writeheader()
        writer.writerows(another_future(cells, today, random.Random(today.toordinal())))
    assert chances_until(other, today) == true


def test_the_past_does_matter(told: list[tuple[Row, float]], tmp_path: Path) -> None:
    """The same test with the past changed must fail, or it would prove nothing."""
    today = date(2009, 6, 30)
    text = FILE.read_text(encoding="utf-8")
    other = tmp_path / "other.csv"
    with FILE.open(encoding="utf-8", newline="") as lines:
        first_late = next(
            row
            for row in csv.DictReader(lines)
            if day(row[DELIVERED]) > day(row[PROMISED]) and day(row[PROMISED]) < today
        )
    line = next(line for line in text.splitlines() if line.startswith(first_late["ID"] + ","))
    other.write_text(text.replace(line, line.replace(first_late[DELIVERED], first_late[PROMISED])), encoding="utf-8")
    assert chances_until(other, today) != [chance for row, chance in told if row.promised <= today]
