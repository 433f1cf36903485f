"""What becomes of a changed file: it is checked, tested and put in force, or refused with an alert."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from alerting.database import reading
from alerting.tables import alert, alert_transition, audit
from risk_rules import rulebook
from risk_rules.problems import DocumentError
from streams.rulebooks.files import RulebookFiles
from streams.rulebooks.source import Result, RulebookSource
from streams.rulebooks.store import Part, in_force
from tests.integration.rulebooks.test_versions import RULES
from tests.oracle.stream import database

TESTS = """
tests: 1
cases:
  - name: 150 in one lot are many
    subject: lot
    features: {qty: 150}
    expect:
      - {rule: large, severity: warning}
"""


def text(qty: int) -> str:
    return RULES.format(qty=qty, by="Ada", reason="too small")


class Worker:
    """A worker's files and what becomes of them."""

    def __init__(self, engine: Engine, folder: Path, part: Part = Part.LIVE, name: str = "worker-1") -> None:
        self.engine = engine
        self.file = folder / f"{name}-rules.yaml"
        self.results: list[Result] = []
        self.source = RulebookSource(
            part, RulebookFiles([self.file]), engine, instance="bellwether", worker=name,
            clock=lambda: datetime.now(UTC), tally=lambda part, result, at: self.results.append(result),
        )  # fmt: skip

    def write(self, said: str) -> None:
        self.file.write_text(said)

    @property
    def in_force(self) -> str | None:
        with reading(self.engine) as connection:
            return in_force(connection).of(self.source.part)

    def alerts(self) -> list[tuple[str, str]]:
        with reading(self.engine) as connection:
            return [(row.state, row.summary) for row in connection.execute(select(alert).order_by(alert.c.opened_at))]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def worker(engine: Engine, tmp_path: Path) -> Worker:
    """It has begun with lots over 100."""
    worker = Worker(engine, tmp_path)
    worker.write(text(100))
    worker.source.begin()
    return worker


def version(qty: int) -> str:
    return rulebook.parse(text(qty)).version


def test_a_good_change_comes_into_force(worker: Worker) -> None:
    worker.write(text(200))
    assert worker.source.reload() is Result.SWITCHED
    assert worker.in_force == version(200)
    assert worker.alerts() == []


def test_a_faulty_change_is_refused_with_an_alert_that_ends_when_it_is_mended(worker: Worker) -> None:
    worker.write(text(200).replace("qty >", "quantity >"))
    assert worker.source.reload() is Result.REFUSED
    assert worker.in_force == version(100)
    ((state, summary),) = worker.alerts()
    assert state == "open"
    assert f"{worker.file}:7:11" in summary
    assert f"Version {version(100)} stays in force" in summary
    worker.write(text(200))
    assert worker.source.reload() is Result.SWITCHED
    assert [state for state, _ in worker.alerts()] == ["resolved"]
    with reading(worker.engine) as connection:
        steps = connection.execute(select(alert_transition.c.transition).order_by(alert_transition.c.number)).scalars()
        assert list(steps) == ["opened", "resolved"]
        entries = connection.execute(select(audit.c.sequence, audit.c.action).order_by(audit.c.sequence)).all()
    assert [tuple(entry) for entry in entries] == [
        (1, "rulebook.put_in_force"),
        (2, "alert.opened"),
        (3, "rulebook.put_in_force"),
        (4, "alert.resolved"),
    ]


def test_a_change_that_fails_its_tests_is_refused(worker: Worker) -> None:
    worker.file.with_suffix(".tests.yaml").write_text(TESTS)
    worker.write(text(200))
    assert worker.source.reload() is Result.REFUSED
    assert worker.in_force == version(100)
    assert "150 in one lot are many" in worker.alerts()[0][1]
    worker.write(text(120))
    assert worker.source.reload() is Result.SWITCHED


def test_a_test_of_a_rule_that_is_gone_is_refused(worker: Worker) -> None:
    worker.file.with_suffix(".tests.yaml").write_text(TESTS)
    worker.write(text(100).replace("id: large", "id: great"))
    assert worker.source.reload() is Result.REFUSED


def test_two_faulty_texts_are_two_alerts_and_one_text_at_several_workers_is_one(
    worker: Worker, engine: Engine, tmp_path: Path
) -> None:
    other = Worker(engine, tmp_path, name="worker-2")
    for one in (worker, other):
        one.write("rulebook: 2")
        one.source.reload()
    assert len(worker.alerts()) == 1
    worker.write("rulebook: 3")
    worker.source.reload()
    assert len(worker.alerts()) == 2


def test_a_worker_starts_with_what_is_in_force_though_its_files_are_faulty(worker: Worker, tmp_path: Path) -> None:
    late = Worker(worker.engine, tmp_path, name="late")
    late.write("rules: [")
    late.source.begin()
    assert late.results == [Result.REFUSED]
    assert worker.in_force == version(100)


def test_without_any_version_in_force_a_faulty_file_stops_the_start(engine: Engine, tmp_path: Path) -> None:
    first = Worker(engine, tmp_path)
    first.write("rules: [")
    with pytest.raises(DocumentError):
        first.source.begin()
    assert first.alerts() == []


def test_the_last_change_of_any_workers_file_wins(worker: Worker, tmp_path: Path) -> None:
    other = Worker(worker.engine, tmp_path, name="other")
    other.write(text(200))
    other.source.begin()
    assert worker.in_force == version(200)
    assert worker.source.reload_changed() is Result.UNCHANGED  # its file did not change: it has nothing to propose
    assert worker.in_force == version(200)
    assert worker.source.reload() is Result.SWITCHED  # unless it is asked to
    assert worker.in_force == version(100)


def test_a_faulty_shadow_is_refused_and_does_not_stop_the_start(engine: Engine, tmp_path: Path) -> None:
    shadow = Worker(engine, tmp_path, Part.SHADOW)
    shadow.write("rulebook: 7")
    shadow.source.begin()
    assert shadow.in_force is None
    assert [state for state, _ in shadow.alerts()] == ["open"]


def test_a_file_is_followed(worker: Worker) -> None:
    async def change() -> None:
        following = asyncio.create_task(worker.source.follow())
        for qty in (200, 300):
            await asyncio.sleep(0)
            worker.write(text(qty))
            while worker.in_force != version(qty):
                await asyncio.sleep(0.05)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    asyncio.run(asyncio.wait_for(change(), 60))
    assert worker.results.count(Result.SWITCHED) == 3
