"""A partner's rate of requests."""

from hypothesis import given
from hypothesis import strategies as st

from streams.intake.webhook.rate import Bucket


def test_a_burst_is_taken_and_then_the_rate() -> None:
    bucket = Bucket(10, burst_seconds=1)
    assert [bucket.wait(100.0) for _ in range(10)] == [0] * 10
    assert bucket.wait(100.0) == 0.1
    assert bucket.wait(100.15) == 0
    assert bucket.wait(100.15) > 0


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 0.5), max_size=200))
def test_never_more_than_the_rate_and_one_burst_in_any_time(rate: float, pauses: list[float]) -> None:
    bucket, now, taken = Bucket(rate), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.wait(now) == 0
    assert taken <= max(1, rate * 2) + rate * now + 1e-6


def test_who_waits_as_long_as_told_is_taken() -> None:
    bucket, now = Bucket(0.5, burst_seconds=1), 0.0
    assert bucket.wait(now) == 0
    wait = bucket.wait(now)
    assert bucket.wait(now + wait + 1e-9) == 0
