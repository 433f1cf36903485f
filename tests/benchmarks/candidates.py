"""Who runs in the benchmark, and how each is started."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BENCH_PYTHON = HERE.parents[1] / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Place:
    """What one run is given."""

    broker: str
    events: int
    group: str
    folder: Path
    jars: Path
    postgres: Callable[[], str]
    """Makes an empty database and gives its URL."""

    @property
    def arguments(self) -> list[str]:
        return [self.broker, str(self.events), self.group, str(self.folder)]


@dataclass(frozen=True)
class Candidate:
    """One way to do the job."""

    name: str
    command: Callable[[Place], list[str]]
    at_most: int | None = None
    """Events after which it stops: for one so slow that its rate is known long before the end."""
    same_rules: bool = True
    """Whether its scores are those of the three rules."""


def _python(module: str) -> Callable[[Place], list[str]]:
    return lambda place: [str(BENCH_PYTHON), "-m", f"tests.benchmarks.{module}", *place.arguments]


def _kafka_streams(place: Place) -> list[str]:
    source = HERE / "kafka_streams" / "StreamsLedger.java"
    return ["java", "-Xmx2g", "-cp", f"{place.jars}/*", str(source), *place.arguments]


def _ours(rules: str, database: Callable[[Place], str]) -> Callable[[Place], list[str]]:
    return lambda place: [sys.executable, "-m", "tests.benchmarks.ours", *place.arguments, database(place), rules]


def _sqlite(place: Place) -> str:
    return f"sqlite:///{place.folder / 'ledger.db'}"


def _postgres(place: Place) -> str:
    return place.postgres()


BASE = "Kafka Streams"

CANDIDATES = (
    Candidate(BASE, _kafka_streams),
    Candidate("Bellwether, PostgreSQL", _ours("three", _postgres)),
    Candidate("Bellwether, SQLite", _ours("three", _sqlite)),
    Candidate("Bellwether, PostgreSQL, whole rulebook", _ours("whole", _postgres), same_rules=False),
    Candidate("Quix Streams", _python("quix")),
    Candidate("Bytewax", _python("bytewax_ledger")),
    Candidate("Faust with a Table", _python("stock_faust"), at_most=40_000),
)
