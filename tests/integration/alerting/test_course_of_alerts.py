"""Whatever rules, time and people do in whatever order: no illegal state, no lost end, every history complete."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine, delete

from alerting.database import connect
from alerting.tables import metadata
from tests.integration.alerting.courses import Courses


def emptied(engine: Engine) -> Engine:
    """The same, with nothing in its tables."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return engine


def run(url: str, examples: int, steps: int) -> type[Courses]:
    """Live through so many courses of at most so many steps; gives the class that has counted them."""
    engine = connect(url, pool_size=4)
    metadata.create_all(engine)

    class Here(Courses):
        begin = staticmethod(lambda: emptied(engine))
        steps = 0

    Here.happenings, Here.outcomes = Counter(), Counter()

    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False,
    )  # fmt: skip
    try:
        run_state_machine_as_test(Here, settings=limits)
    finally:
        engine.dispose()
    return Here


def test_any_course_on_sqlite(tmp_path: Path) -> None:
    assert run(f"sqlite:///{tmp_path / 'courses.db'}", examples=25, steps=30).steps > 300


@pytest.mark.postgres
def test_any_course_on_postgres(postgres_url: str) -> None:
    assert run(postgres_url, examples=8, steps=30).steps > 80
