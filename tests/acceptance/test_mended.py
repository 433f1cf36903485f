import pytest

from tests.acceptance.mended import run
from tests.benchmarks.stack import Kind


@pytest.mark.timeout(900)
def test_what_was_refused_by_a_bad_map_ends_as_if_it_had_been_right_at_once_though_the_replay_is_killed() -> None:
    account = run(Kind.EMBEDDED_SQLITE, 1_000)
    assert not account.faults
    assert account.refused >= 1_000
    assert account.put_back == account.refused
    assert account.kills == 2
