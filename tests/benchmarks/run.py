"""The ledger beside its competitors on one Apache Kafka: python -m tests.benchmarks.run, or `make bench`.

All do the same job on the same topic, in turns, several times over, so that a slow minute of the machine hits all.
"""

import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.benchmarks.candidates import BENCH_PYTHON, CANDIDATES, Candidate, Place
from tests.benchmarks.report import table, write
from tests.benchmarks.workload import PARTITIONS, TOPIC
from tests.servers import Kafka, Postgres

RUN_SECONDS = 300
ROOT = Path(__file__).parents[2]


@dataclass
class Population:
    """A topic's worth of events, and what each candidate made of it: events per second of each run."""

    name: str
    events: int
    lots: int
    rates: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def median(self, name: str) -> float | None:
        return statistics.median(self.rates[name]) if self.rates.get(name) else None


def populations(*, quick: bool) -> tuple[Population, ...]:
    distinct, repeated = (60_000, 200_000) if quick else (400_000, 1_500_000)
    return Population("every event another lot", distinct, distinct), Population("500 lots", repeated, 500)


def result(command: Sequence[str], log: Path) -> dict[str, Any]:
    """What a program said after RESULT. Raises RuntimeError with the end of its log."""
    with log.open("w") as errors:
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=RUN_SECONDS, check=False, cwd=ROOT
            )
        except subprocess.TimeoutExpired as late:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} gave no result within {RUN_SECONDS} s:\n{said}") from late
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    said = f"{done.stdout[-2000:]}{log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(f"{' '.join(command)} ended with {done.returncode} and no result:\n{said}")


def check(candidate: Candidate, found: dict[str, Any], expected: dict[str, int]) -> None:
    """A fast wrong answer does not count. One that stopped early has seen only part of the lots."""
    if candidate.at_most is not None:
        return
    names = [name for name in expected if name != "score" or candidate.same_rules]
    wrong = {name: found.get(name) for name in names if found.get(name) != expected[name]}
    if wrong:
        raise RuntimeError(f"{candidate.name} is wrong: {wrong}, expected {expected}")


@contextmanager
def servers() -> Iterator[tuple[Kafka, Postgres]]:
    """Apache Kafka and PostgreSQL, empty, and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bellwether-bench-"))
    folder.chmod(0o755)
    started: list[Kafka | Postgres] = []
    try:
        for make in (Kafka, Postgres):
            home = folder / make.__name__
            home.mkdir()
            server = make(home)
            started.append(server)
            server.start()
        kafka, postgres = started
        assert isinstance(kafka, Kafka)
        assert isinstance(postgres, Postgres)
        yield kafka, postgres
    finally:
        for server in started:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run_one(candidate: Candidate, population: Population, kafka: Kafka, postgres: Postgres) -> dict[str, Any]:
    """One run in a folder, a group and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="bellwether-run-") as name:
        events = min(population.events, candidate.at_most or population.events)
        folder = Path(name)
        made: list[str] = []

        def database() -> str:
            made.append(postgres.fresh_database())
            return made[-1]

        place = Place(kafka.bootstrap, events, f"bench-{uuid4().hex[:8]}", folder / "state", kafka.jars, database)
        place.folder.mkdir()
        try:
            return result(candidate.command(place), folder / "log")
        finally:
            for url in made:
                postgres.drop(url)


def measure(population: Population, candidates: Sequence[Candidate], repeat: int, progress: Progress) -> None:
    """Fill a fresh Kafka and let the candidates run in turns: A B C, A B C."""
    task = progress.add_task(f"{population.name}: fill the topic", total=repeat * len(candidates))
    with servers() as (kafka, postgres):
        kafka.create({TOPIC: PARTITIONS})
        producer = [str(BENCH_PYTHON), "-m", "tests.benchmarks.produce", kafka.bootstrap]
        counts = [str(population.events), str(population.lots)]
        expected = result([*producer, *counts], kafka.folder / "produce.log")
        for _ in range(repeat):
            for candidate in candidates:
                progress.update(task, description=f"{population.name}: {candidate.name}")
                found = run_one(candidate, population, kafka, postgres)
                check(candidate, found, expected)
                rate = found["events"] / found["seconds"]
                population.rates.setdefault(candidate.name, []).append(rate)
                progress.console.print(f"  {population.name}: {candidate.name} {rate:,.0f} events/s")
                progress.advance(task)
    progress.update(task, description=population.name)


def main(
    *,
    quick: Annotated[bool, typer.Option(help="Fewer events: to see that it works, not to judge by.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each candidate; the median counts.")] = 3,
    only: Annotated[list[str] | None, typer.Option(help="Part of a candidate's name; may be given again.")] = None,
) -> None:
    """Measure all candidates and write docs/benchmarks.md (not with --quick or --only)."""
    chosen = [candidate for candidate in CANDIDATES if not only or any(part in candidate.name for part in only)]
    if not chosen:
        raise typer.BadParameter(f"no candidate has such a name; there are {', '.join(c.name for c in CANDIDATES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers are stopped too
    console, measured = Console(stderr=True), populations(quick=quick)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        for population in measured:
            measure(population, chosen, repeat, progress)
    Console().print(table(measured, chosen))
    if not quick and not only:
        path = ROOT / "docs" / "benchmarks.md"
        write(path, measured, chosen, repeat)
        console.print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
