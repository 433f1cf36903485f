"""The benchmark's result as ratios: absolute rates move from machine to machine."""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rich.table import Table

from tests.benchmarks.candidates import BASE, Candidate
from tests.servers import postgres_programs


class Measured(Protocol):
    name: str
    events: int
    lots: int
    rates: dict[str, list[float]]

    def median(self, name: str) -> float | None: ...


def ratio(population: Measured, name: str) -> str:
    """The candidate's rate beside that of Kafka Streams, or a dash."""
    rate, base = population.median(name), population.median(BASE)
    return f"{rate / base:.2f}" if rate and base else "-"


def spread(population: Measured, name: str) -> str:
    """How far the runs of one candidate lie apart, in percent of their median."""
    rates, median = population.rates.get(name), population.median(name)
    return f"{100 * (max(rates) - min(rates)) / median:.0f} %" if rates and median else "-"


def table(populations: Sequence[Measured], candidates: Sequence[Candidate]) -> Table:
    made = Table(title=f"events per second, {BASE} = 1")
    made.add_column("")
    for population in populations:
        made.add_column(population.name, justify="right")
        made.add_column("spread", justify="right", style="dim")
    for candidate in candidates:
        cells = [show(population, candidate.name) for population in populations for show in (ratio, spread)]
        made.add_row(candidate.name, *cells)
    return made


def write(path: Path, populations: Sequence[Measured], candidates: Sequence[Candidate], repeat: int) -> None:
    """The part of the documentation's page that is about this job; what follows it stays."""
    heads = [part for population in populations for part in (population.name, "spread")]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for candidate in candidates:
        cells = [show(population, candidate.name) for population in populations for show in (ratio, spread)]
        lines.append(f"| {candidate.name} | {' | '.join(cells)} |")
    sizes = "; ".join(f"{population.name}: {population.events:,} events" for population in populations)
    others = path.read_text().partition("\n## ")
    page = PAGE.format(table="\n".join(lines), base=BASE, sizes=sizes, repeat=repeat, machine=machine())
    path.write_text("".join((page, *others[1:])))


def machine() -> str:
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr.splitlines()[0]
    postgres = subprocess.run([postgres_programs() / "postgres", "-V"], capture_output=True, text=True, check=False)
    return (
        f"{os.cpu_count()} cores for broker, database and candidate together; Python {platform.python_version()}; "
        f"{java}; {postgres.stdout.strip()}; Apache Kafka 4.1.0, one KRaft node"
    )


PAGE = """# Benchmarks

The ledger's job on Apache Kafka, beside others that do the same job in the same run. Events per second as a ratio:
{base} is 1, more is faster. Each figure is the median of {repeat} runs taken in turns; the spread is the distance
between the fastest and the slowest run. Absolute rates are left out: they say more about a machine than a program.

    make bench

{table}

The job: read canonical `cdmo.raw_material.stock_reported` events (JSON, about 400 bytes, keyed by site, four partitions),
keep the state of each lot, judge each touched lot by the three rules of `tests/benchmarks/three_rules.yaml`, and make
state and position durable. Two populations: {sizes}.

Each candidate's clock runs from its first record to the commit of its last; Bellwether's from the first position seen in
the database, and what had been counted by then is left out on both sides of the rate. The number of lots and the sum of
scores are compared with those of a plain fold, and a wrong answer fails the run, but for two: with the whole
rulebook the scores are others, so there only the lots and events are compared, and stock Faust is stopped after 40,000 events.

- **Kafka Streams**: Java, `exactly_once_v2`, one stream thread, RocksDB with record cache and changelog, binary state. Its
  producer, RocksDB's flushes and the JVM's own work run in further threads.
- **Bellwether**: one worker as `bellwether up --role ledger` runs it: a process that talks to the broker, and two in which
  the ledgers count (`ledger_processes`). It does more than the others: it recognises repeats, keeps what each event said so that it
  can be withdrawn, adds up stock by material, and writes verdicts and alerts. PostgreSQL with its defaults (every
  commit reaches the disk), SQLite in WAL mode.
- **Quix Streams**: at least once, RocksDB and changelog, checkpoint every 5 s, as it comes.
- **Bytewax**: its recovery store (SQLite), snapshot every 10 s, as it comes.
- **Faust with a Table**: memory store and changelog.

The Python candidates decode with msgspec, as Bellwether does. Machine: {machine}.
"""
