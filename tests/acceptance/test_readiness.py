from tests.benchmarks.latency import NETWORK
from tests.benchmarks.stack import Kind, standing
from tests.benchmarks.worker import Worker


def test_a_worker_is_ready_before_any_partner_has_sent_anything() -> None:
    with standing(Kind.EMBEDDED_SQLITE, NETWORK) as stack, Worker(stack.settings(), stack.folder) as worker:
        worker.check()
