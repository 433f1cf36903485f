"""A short run under attack, on the embedded broker and SQLite; `make chaos` goes on for longer, on Kafka and PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.run import Plan, run
from tests.chaos.stack import Kind


@pytest.fixture
def folder() -> Iterator[Path]:
    """Workers' logs and data, near the root: pytest's own folder names grow long."""
    path = Path(tempfile.mkdtemp(prefix="bellwether-chaos-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_workers_killed_at_their_work_lose_nothing_and_count_nothing_twice(folder):
    plan = Plan(
        Kind.EMBEDDED_SQLITE,
        kills=10,
        minutes=2.0,
        seed=7,
        rate=250.0,
        servers_every_seconds=60.0,
        waits_for_leases=False,
    )
    outcome = run(plan, folder)
    assert [found for kind in outcome.differences.values() for found in kind] == []
    assert outcome.sight.counted > 0
    assert outcome.received > 0
