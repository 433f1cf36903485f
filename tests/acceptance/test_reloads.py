import asyncio
import os
import signal
import time

import pytest

from tests.acceptance.reloads import run
from tests.benchmarks.latency import NETWORK
from tests.benchmarks.stack import Kind, standing
from tests.benchmarks.worker import Worker


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


def test_on_sighup_a_worker_reads_its_files_again() -> None:
    with standing(Kind.EMBEDDED_SQLITE, NETWORK) as stack, Worker(stack.settings(), stack.folder) as worker:
        before = worker.total("bellwether_rulebook_reloads_total")
        os.kill(worker.pid, signal.SIGHUP)
        deadline = time.monotonic() + 60
        while worker.total("bellwether_rulebook_reloads_total") < before + 2:  # the live one and the shadow
            worker.check()
            assert time.monotonic() < deadline
            time.sleep(0.1)
