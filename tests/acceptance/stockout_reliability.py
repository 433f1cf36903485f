"""Are chances of a stock-out true? Of all cases with a chance of 30 to 40 percent, 30 to 40 in a hundred should run out.

    python -m tests.acceptance.stockout_reliability [--worlds N] [--past N] [--json]

A future is six weeks and three days of a simulated world of one product of the reference network, with its own dice and
disruptions of random kind, place, day and size. Each world gives four, which share no day. Before each, for every material
at every site that is not out already, the chance is predicted that it will be out before goods ordered now can come
(six weeks at most), from what the partners told up to then; then the simulator lives on. How promises come true
was learned from other worlds of the same kind, whose seeds are far from these.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from streams.network.load import load
from streams.simulation import NETWORK_FILE
from tests.acceptance.stockouts.forecasts import SAMPLE_DAYS, Case, cases, learn
from tests.acceptance.stockouts.worlds import worlds

WORLDS = 2500
"""10,000 futures."""

PAST = 400
FIRST_SEED = 100_000
FIRST_PAST_SEED = 1_000_000
ENOUGH_CASES = 100
POINTS = 0.05


class Tenth(NamedTuple):
    """Cases of about the same chance, and how many of them came true."""

    cases: int
    predicted: float
    came_true: float

    @property
    def reliable(self) -> bool:
        """Whether the mean chance is right to five points; with too few cases there is no telling."""
        return self.cases < ENOUGH_CASES or abs(self.predicted - self.came_true) <= POINTS


def tenths(found: Sequence[Case]) -> list[Tenth]:
    """By predicted chance: 0 to 10 percent first."""
    groups: list[list[Case]] = [[] for _ in range(10)]
    for case in found:
        groups[min(int(case.chance * 10), 9)].append(case)
    return [
        Tenth(len(group), _mean(case.chance for case in group), _mean(case.out for case in group)) for group in groups
    ]


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0


def brier(found: Sequence[Case]) -> tuple[float, float]:
    """The mean squared error of the chances, and of always saying how often it happens."""
    rate = _mean(case.out for case in found)
    return _mean((case.chance - case.out) ** 2 for case in found), rate * (1 - rate)


def measure(number: int, past: int, first_seed: int = FIRST_SEED, *, quiet: bool = True) -> list[Case]:
    """All cases of so many worlds, after learning from so many worlds of the past."""
    network = load(NETWORK_FILE)
    console = Console(stderr=True, quiet=quiet)
    past_worlds = worlds(network, range(FIRST_PAST_SEED, FIRST_PAST_SEED + past))
    outlook = learn(track(past_worlds, "the past", past, console=console))
    lives = track(worlds(network, range(first_seed, first_seed + number)), "futures", number, console=console)
    return [case for world in lives for case in cases(world, outlook)]


def report(found: Sequence[Case], number: int) -> dict[str, Any]:
    groups, (error, of_the_rate) = tenths(found), brier(found)
    return {
        "futures": number * len(SAMPLE_DAYS),
        "cases": len(found),
        "stock_outs": sum(case.out for case in found),
        "brier": round(error, 5),
        "brier_of_the_rate_alone": round(of_the_rate, 5),
        "tenths": [
            {"cases": one.cases, "predicted": round(one.predicted, 4), "came_true": round(one.came_true, 4)}
            for one in groups
        ],
        "reliable": all(one.reliable for one in groups),
    }


def show(told: dict[str, Any]) -> None:
    table = Table(title=f"{told['cases']} cases in {told['futures']} futures, {told['stock_outs']} stock-outs")
    for column in ("chance", "cases", "predicted", "came true", ""):
        table.add_column(column, justify="right")
    for index, one in enumerate(told["tenths"]):
        tenth = Tenth(**one)
        verdict = "too few" if tenth.cases < ENOUGH_CASES else "reliable" if tenth.reliable else "NOT RELIABLE"
        row = (f"{one['predicted']:.3f}", f"{one['came_true']:.3f}") if tenth.cases else ("-", "-")
        table.add_row(f"{10 * index}-{10 * index + 10} %", str(tenth.cases), *row, verdict)
    Console().print(table)
    Console().print(f"Brier {told['brier']} (of the rate alone: {told['brier_of_the_rate_alone']})")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", type=int, default=WORLDS, help="worlds to predict in; each gives four futures")
    parser.add_argument("--past", type=int, default=PAST, help="worlds to learn from")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--json", action="store_true", help="figures for machines")
    chosen = parser.parse_args()
    told = report(measure(chosen.worlds, chosen.past, chosen.first_seed, quiet=chosen.json), chosen.worlds)
    if chosen.json:
        print(json.dumps(told, indent=2))
    else:
        show(told)
    return 0 if told["reliable"] else 1


if __name__ == "__main__":
    sys.exit(main())
