from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerting.configuration.notation import duration, shown_duration


@given(st.integers(0, 366 * 86_400))
def test_a_span_is_shown_as_it_is_written_in_the_file(seconds: int) -> None:
    assert duration(shown_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
