import asyncio

import pytest

from tests.acceptance.reloads import run
from tests.benchmarks.stack import Kind


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("kind", "workers"),
    [
        (Kind.EMBEDDED_SQLITE, 1),
        pytest.param(Kind.KAFKA_POSTGRES, 3, marks=[pytest.mark.kafka, pytest.mark.postgres]),
    ],
)
def test_changes_of_the_rulebook_under_load_lose_no_event_and_no_batch_is_judged_by_two_versions(
    kind: Kind, workers: int
) -> None:
    evidence = asyncio.run(run(kind, reloads=10, workers=workers, rate=100, seed=4))
    assert not evidence.faults
    assert evidence.good >= 3
    assert evidence.bad >= 3
    assert evidence.batches_with_verdicts > 10
    assert evidence.partitions_went_over > evidence.good
