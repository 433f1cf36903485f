"""How good the chances of a late delivery are on real deliveries: python -m tests.benchmarks.lateness, or with --json.

Each delivery of the file is predicted in the morning of its promised day, in order of time. 2008 to 2010 are the years on which
the model was developed; 2011 and 2012 are those that count.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from risk_rules.methods.reliability import auc, brier, calibration_error, reliability
from tests.benchmarks.reliability_picture import reliability_svg
from tests.benchmarks.scms_deliveries import CARRIED, FILE, ORDERED, Row, predictions, read

PERIODS = {"2008 to 2010": (2008, 2009, 2010), "2011 and 2012": (2011, 2012), "2011": (2011,), "2012": (2012,)}
JUDGED = "2011 and 2012"
PSEUDO_DELIVERIES = 20.0

Chances = list[tuple[Row, float]]


def vendors_rate(rows: Sequence[Row]) -> Chances:
    """The baseline: the supplier's late rate so far, shrunk to that of all by 20 pseudo-deliveries."""
    seen: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    found: Chances = []
    for _, group in groupby(rows, key=lambda row: row.promised):
        due = list(group)
        late, cases = seen[""]
        general = (late + 1) / (cases + 20)
        for row in due:
            late, cases = seen[row.facts["supplier"]]
            found.append((row, (late + PSEUDO_DELIVERIES * general) / (cases + PSEUDO_DELIVERIES)))
        for row in due:
            for key in ("", row.facts["supplier"]):
                seen[key][0] += row.late
                seen[key][1] += 1
    return found


MODELS: dict[str, Callable[[Sequence[Row]], Chances]] = {
    "all that the order tells": lambda rows: [(row, told.chance) for row, told in predictions(rows, ORDERED)],
    "what the events carry": lambda rows: [(row, told.chance) for row, told in predictions(rows, CARRIED)],
    "the supplier's shrunk rate": vendors_rate,
}


def of_period(chances: Chances, years: Sequence[int]) -> Chances:
    return [(row, chance) for row, chance in chances if row.promised.year in years]


def figures(chances: Chances) -> dict[str, Any]:
    """`still_missing`: the same for deliveries that had not come early, so that the chance was still a question."""
    said, late = [chance for _, chance in chances], [row.late for row, _ in chances]
    missing = [(row, chance) for row, chance in chances if row.delivered >= row.promised]
    open_said, open_late = [chance for _, chance in missing], [row.late for row, _ in missing]
    bins = reliability(said, late)
    return {
        "deliveries": len(said),
        "late": sum(late) / len(late),
        "mean_chance": sum(said) / len(said),
        "auc": auc(said, late),
        "brier": brier(said, late),
        "calibration_error": calibration_error(bins),
        "still_missing": {"deliveries": len(missing), "auc": auc(open_said, open_late)},
        "reliability": [bin._asdict() for bin in bins],
    }


def judged(rows: Sequence[Row]) -> Iterator[tuple[str, float, Chances]]:
    """Each model's name, its microseconds a delivery (prediction and learning), and its chances."""
    for name, model in MODELS.items():
        begun = time.process_time()
        chances = model(rows)
        yield name, (time.process_time() - begun) / len(rows) * 1e6, chances


def table(results: dict[str, Any]) -> Table:
    made = Table(title="chance of a late delivery, AUC / Brier")
    made.add_column("")
    for period in PERIODS:
        made.add_column(period, justify="right")
    made.add_column("us each", justify="right")
    for name, found in results.items():
        cells = [f"{found[period]['auc']:.3f} / {found[period]['brier']:.4f}" for period in PERIODS]
        made.add_row(name, *cells, f"{found['microseconds']:.0f}")
    return made


def main(
    file: Annotated[Path, typer.Option(help="The file of deliveries.", exists=True, dir_okay=False)] = FILE,
    picture: Annotated[Path | None, typer.Option(help="Write the reliability diagram of 2011 and 2012 here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Predicts every delivery of the file with each model and prints how good the chances were."""
    results: dict[str, Any] = {}
    for name, microseconds, chances in judged(read(file)):
        by_period = {period: figures(of_period(chances, years)) for period, years in PERIODS.items()}
        results[name] = {"microseconds": microseconds, **by_period}
        if picture is not None and name == next(iter(MODELS)):
            said = of_period(chances, PERIODS[JUDGED])
            bins = reliability([chance for _, chance in said], [row.late for row, _ in said])
            picture.write_text(reliability_svg(f"Late deliveries promised in {JUDGED}", bins), encoding="utf-8")
    if as_json:
        print(json.dumps(results, indent=2))
    else:
        Console().print(table(results))


if __name__ == "__main__":
    typer.run(main)
