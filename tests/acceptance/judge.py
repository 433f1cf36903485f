"""Judges rulebooks over simulated worlds: `python -m tests.acceptance.judge --seeds 101-120 --rulebook default --against snc`.

Prints, for both rulebooks on the same streams, recall, precision, days of warning and alerts a day by owner; docs/judged.md
says what counts as true. Rules are tuned on seeds 1 to 20 only; 101 to 120 are for judging.
"""

import argparse
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from streams.backtest import outcomes as outcome_files
from streams.cli.rulebook_files import resolved
from tests.acceptance.judged.figures import Figures, Share, earlier, figures, generous
from tests.acceptance.judged.lives import Life, lived

WEEKS = 26


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Both rulebooks over all seeds. `broadly`: with alerts of stock below its minimum as warnings of a shortage, too."""

    seeds: tuple[int, ...]
    weeks: int
    events: int
    rulebooks: Mapping[str, Figures]
    broadly: Mapping[str, Figures]
    days_earlier: float | None
    days_earlier_broadly: float | None


def verdict(lives: Sequence[Life], this: str, other: str, weeks: int) -> Verdict:
    """What the lives say of the rulebook `this` against `other`."""
    outcomes = outcome_files.load()
    broad = generous(outcomes)
    return Verdict(
        seeds=tuple(life.seed for life in lives),
        weeks=weeks,
        events=sum(life.events for life in lives),
        rulebooks={name: figures(lives, name, outcomes) for name in (this, other)},
        broadly={name: figures(lives, name, broad) for name in (this, other)},
        days_earlier=earlier(lives, this, other, outcomes),
        days_earlier_broadly=earlier(lives, this, other, broad),
    )


def live_all(
    seeds: Sequence[int], files: Mapping[str, Sequence[Path]], weeks: int = WEEKS, processes: int = 1
) -> list[Life]:
    """The lives of all seeds, each in a process of its own where there are several; says on stderr when one is over."""
    living = partial(lived, weeks=weeks, files=files, outcomes=outcome_files.load())
    done: dict[int, Life] = {}
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_unhurried) as pool:
        waiting = {pool.submit(living, seed): seed for seed in seeds}
        for future in as_completed(waiting):
            done[waiting[future]] = future.result()
            print(f"{len(done)} of {len(seeds)} worlds", file=sys.stderr, flush=True)
    return [done[seed] for seed in seeds]


def _unhurried() -> None:
    """A life makes millions of small objects and hardly any cycles: look for those less often."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _precision(share: Share) -> str:
    return f"{_number(share.precision)} ({share.true} of {share.true + share.false})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


ROWS: Final[tuple[tuple[str, Callable[[Figures], str]], ...]] = (
    ("shortages", lambda one: str(one.shortages)),
    ("foretold", lambda one: str(one.foretold)),
    ("recall", lambda one: _number(one.recall)),
    ("precision of warnings of shortages", lambda one: _precision(one.of_shortages)),
    ("precision of all alerts above watch", lambda one: _precision(one.of_all)),
    ("days of warning, median", lambda one: _number(one.days_median)),
    ("... of the first shortage of a stock", lambda one: _number(one.first_days_median)),
    ("... from the alert", lambda one: _number(one.alert_days_median)),
    ("nine of ten had at least, days", lambda one: _number(one.least_days)),
    ("alerts above watch a day", lambda one: _number(one.alerts_a_day)),
)


def _show(found: Verdict, console: Console) -> None:
    table = Table(title=f"{len(found.seeds)} worlds of {found.weeks} weeks", title_justify="left", box=None)
    table.add_column("")
    columns = [(name, one) for name, one in found.rulebooks.items()]
    columns += [(f"{name}, broadly", one) for name, one in found.broadly.items()]
    for name, _ in columns:
        table.add_column(name, justify="right")
    for label, of in ROWS:
        table.add_row(label, *(of(one) for _, one in columns))
    for owner in sorted({owner for _, one in columns for owner in one.alerts_a_day_by_owner}):
        table.add_row(f"... {owner}", *(_number(one.alerts_a_day_by_owner.get(owner, 0.0)) for _, one in columns))
    console.print(table)
    for name, one in found.rulebooks.items():
        for missed in one.missed:
            console.print(f"{name} did not foretell {missed}", soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.judge", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, required=True, help="for example 101-120")
    parser.add_argument("--rulebook", default="default", help="a file, or the name of one that ships")
    parser.add_argument("--against", default="snc", help="a file, or the name of one that ships")
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    told = parser.parse_args(arguments)
    files = {name: resolved([name]) for name in (told.rulebook, told.against)}
    found = verdict(live_all(told.seeds, files, told.weeks, told.processes), told.rulebook, told.against, told.weeks)
    if told.json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _show(found, Console())


if __name__ == "__main__":
    main()
