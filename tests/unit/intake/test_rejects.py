"""When a partner's records are refused too often."""

from hypothesis import given
from hypothesis import strategies as st

from streams.intake.profile_file import Limits
from streams.intake.rejects import Rejects

limits = st.builds(
    Limits,
    consecutive_rejects=st.integers(1, 30),
    rejected_share=st.floats(0.05, 1),
    among=st.integers(1, 40),
)


def gone_through(histories: list[bool], said: Limits) -> tuple[Rejects, int | None]:
    """The counts after these records (True: refused), and after how many it was one too many."""
    rejects = Rejects()
    for number, refused in enumerate(histories, 1):
        if not refused:
            rejects.accepted(1, said)
        elif rejects.refused(said) is not None:
            return rejects, number
    return rejects, None


def test_a_hundred_refused_in_a_row_are_too_many() -> None:
    assert gone_through([True] * 200, Limits())[1] == 100
    assert gone_through(([True] * 99 + [False]) * 5, Limits())[1] is None, (
        "99 in a row, and 5 * 99 are not half of 1,000"
    )


def test_more_than_half_of_the_last_thousand_are_too_many() -> None:
    assert gone_through([True, False] * 5000, Limits())[1] is None
    assert gone_through([True, True, False] * 5000, Limits())[1] == 751, "the 501st refused one of them"


def test_a_feed_that_was_good_for_long_and_turns_bad_is_judged_by_its_last_records() -> None:
    assert gone_through([False] * 100_000 + [True, True, False] * 500, Limits())[1] == 100_751


@given(st.lists(st.booleans(), max_size=120), limits)
def test_the_counts_are_those_of_a_plain_look_at_the_last_records(history: list[bool], said: Limits) -> None:
    rejects, stopped_after = gone_through(history, said)
    seen = history[:stopped_after]
    last = seen[-said.among :]
    in_a_row = next((n for n, refused in enumerate(reversed(seen)) if not refused), len(seen))
    assert rejects.consecutive == in_a_row
    assert rejects.recent.bit_count() == sum(last)
    too_many = in_a_row >= said.consecutive_rejects or sum(last) / said.among > said.rejected_share
    assert too_many == (stopped_after is not None)


@given(st.lists(st.booleans(), max_size=120), limits)
def test_counts_that_are_stored_are_the_same_again(history: list[bool], said: Limits) -> None:
    rejects, _ = gone_through(history, said)
    assert Rejects(rejects.consecutive, int.from_bytes(rejects.packed())) == rejects


@given(st.integers(0, 300), st.lists(st.booleans(), max_size=60), limits)
def test_records_that_were_taken_count_together_as_one_by_one(many: int, before: list[bool], said: Limits) -> None:
    together, _ = gone_through(before, said)
    single = Rejects(together.consecutive, together.recent)
    together.accepted(many, said)
    for _ in range(many):
        single.accepted(1, said)
    assert together == single
