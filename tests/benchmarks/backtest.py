"""How fast a year of four contract manufacturers is lived through again: python -m tests.benchmarks.backtest

The year is simulated first (some minutes; kept in FOLDER) on the reference network made several times as large, with its
disruptions. Then it goes through the backtest and, as a measure, through the same ledger on a database in a file with the
batches of the service; both in this process, in turns.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.progress import track

from alerting.database import connect
from risk_rules import rulebook as rulebooks
from streams import schema
from streams.backtest import history, outcomes, simulated
from streams.backtest.living import Record
from streams.backtest.run import Question, backtest
from streams.cli.rulebook_files import resolved
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network.load import load
from streams.simulation import NETWORK_FILE
from streams.simulation.disruptions import all_seven

SERVICE_BATCH = 4000
console = Console()


def enlarged(copies: int) -> str:
    """The reference network so many times over: the same partners with more sites, lines, materials and products."""
    whole: dict[str, Any] = yaml.safe_load(NETWORK_FILE.read_text(encoding="utf-8"))
    sites = {code for partner in whole["partners"].values() for code in partner["sites"]}
    codes = sites | whole["materials"].keys() | whole["products"].keys()
    for number in range(2, copies + 1):
        again = _suffixed(yaml.safe_load(NETWORK_FILE.read_text(encoding="utf-8")), codes, str(number))
        for partner, entry in again["partners"].items():
            whole["partners"][partner]["sites"] |= entry["sites"]
        for section in ("materials", "products"):
            whole[section] |= again[section]
        for section in ("sources", "safety_stock"):
            whole[section] += again[section]
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


def _suffixed(value: Any, codes: set[str], suffix: str) -> Any:
    if isinstance(value, dict):
        return {_suffixed(key, codes, suffix): _suffixed(one, codes, suffix) for key, one in value.items()}
    if isinstance(value, list):
        return [_suffixed(one, codes, suffix) for one in value]
    return f"{value}{suffix}" if isinstance(value, str) and value in codes else value


def simulate(folder: Path, copies: int, weeks: int) -> None:
    """Write history.jsonl and network.yaml, once."""
    folder.mkdir(parents=True, exist_ok=True)
    network = folder / "network.yaml"
    network.write_text(enlarged(copies), encoding="utf-8")
    world = simulated.world(1, weeks, all_seven(), network)
    with (folder / "unfinished.jsonl").open("wb") as file:
        for values in track(simulated.days(world), total=7 * weeks, description="simulating", console=console):
            file.writelines(value + b"\n" for value in values)
    (folder / "unfinished.jsonl").rename(folder / "history.jsonl")


def tested(folder: Path) -> int:
    """One backtest; returns the number of records."""
    question = Question(load(folder / "network.yaml"), outcomes.load())
    steps = history.steps(history.lines(folder / "history.jsonl"), own_ticks=True)
    lived = backtest(steps, resolved(["default"]), question).lived
    return lived.events


def as_live(folder: Path) -> int:
    """The same records through the ledger as in service: a database in a file, small batches."""
    network, rules = load(folder / "network.yaml"), rulebooks.load(resolved(["default"]))
    guides = Guides(lambda: network, lambda: rules, Clock.STREAM)
    with tempfile.TemporaryDirectory(prefix="bellwether-bench-") as place:
        engine = connect(f"sqlite:///{place}/ledger.db")
        schema.upgrade(engine)
        ledger = PartitionLedger(engine, Place("scrm.events.v1", "bench", 0), guides)
        ledger.load()
        offset = ticks = 0
        waiting: list[Record] = []
        for step in history.steps(history.lines(folder / "history.jsonl"), own_ticks=True):
            waiting.append(Record(offset, step.value, 1_750_000_000_000))
            ticks += step.at is not None
            offset += 1
            if len(waiting) == SERVICE_BATCH:
                _apply(ledger, waiting)
        _apply(ledger, waiting)
        engine.dispose()
    return offset - ticks


def _apply(ledger: PartitionLedger, waiting: list[Record]) -> None:
    if waiting:
        ledger.apply(waiting[0].offset, waiting, datetime.now(UTC))
        waiting.clear()


def measured(name: str, run: Callable[[Path], int], folder: Path) -> None:
    gc.collect()
    began, worked = time.perf_counter(), time.process_time()
    events = run(folder)
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    console.print(f"{name}: {events:,} events, {seconds:.1f} s ({events / seconds:,.0f}/s), {busy:.1f} s of processor time "
                  f"({events / busy:,.0f}/s)", soft_wrap=True)  # fmt: skip


def main(
    folder: Annotated[Path, typer.Option(help="Where the simulated year is, or goes.")] = Path("build/year"),
    copies: Annotated[int, typer.Option(help="How many times the reference network.")] = 6,
    weeks: int = 52,
    rounds: int = 2,
) -> None:
    if not (folder / "history.jsonl").exists():
        simulate(folder, copies, weeks)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    for _ in range(rounds):
        measured("backtest", tested, folder)
        measured("as live", as_live, folder)


if __name__ == "__main__":
    typer.run(main)
