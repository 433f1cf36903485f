"""Whatever rules, time and people do in whatever order: no illegal state, no lost end, every history complete."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from alerting.database import connect
from alerting.tables import metadata
from tests.integration.alerting.courses import Courses


def empty(url: str) -> Engine:
    """An engine on a database with empty tables."""
    engine = connect(url, pool_size=2)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    return engine


def run(url: str, examples: int, steps: int) -> int:
    """Live through so many courses of at most so many steps; how many steps there were."""

    class Here(Courses):
        begin = staticmethod(lambda: empty(url))
        steps = 0

    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(Here, settings=limits)
    return Here.steps


def test_any_course_on_sqlite(tmp_path: Path) -> None:
    assert run(f"sqlite:///{tmp_path / 'courses.db'}", examples=25, steps=30) > 300


@pytest.mark.postgres
def test_any_course_on_postgres(postgres_url: str) -> None:
    assert run(postgres_url, examples=8, steps=30) > 80
