import asyncio

import pytest

from tests.acceptance.bad_input import run


@pytest.mark.timeout(600)
def test_every_spoilt_record_is_counted_or_refused_with_a_reason_and_the_worker_never_fails() -> None:
    account = asyncio.run(run(seed=7, records=5_000))
    assert not account.faults
    assert account.sent_to_partners_topics + account.sent_to_the_stream == 5_000
    assert account.taken + account.refused_at_intake.total() == account.sent_to_partners_topics
    assert account.counted + account.repeated + account.refused_by_ledger.total() == account.on_the_stream
