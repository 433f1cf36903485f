"""What a feed shows of itself, whatever the batches it comes in."""

from hypothesis import given
from hypothesis import strategies as st

from streams.ledger.feed_watch import HOUR, Lags, Marks, Numbering


def numbered(numbers, hour=0):
    source = Numbering(0, hour, 0, since=hour - 48)
    for number in numbers:
        hour += 1
        source.note([number], hour)
    return source


def test_numbers_that_all_come_leave_nothing_missing():
    assert {missing for missing, _ in numbered(range(1, 300)).lost()} == {0}


def test_what_is_lost_lately_is_told_apart():
    lately, whole = numbered([n for n in range(1, 300) if n < 280 or n % 2]).lost()
    assert lately[0] == whole[0] == 10 - 1  # the newest is awaited until its hour is over
    assert lately[1] < whole[1]


def test_a_number_that_comes_late_is_missing_no_more():
    source = numbered([*range(1, 250), *range(251, 300), 250])
    assert {missing for missing, _ in source.lost()} == {0}


def test_a_source_that_does_not_count_up_by_one_misses_nothing():
    assert numbered(range(1, 900, 3)).lost() == []


@given(st.lists(st.integers(1, 400), unique=True, min_size=1), st.integers(1, 20))
def test_it_does_not_matter_in_which_batches_numbers_come(numbers, size):
    one, other = Numbering(0, 0, 0), Numbering(0, 0, 0)
    for number in numbers:
        one.note([number], 1)
    for start in range(0, len(numbers), size):
        other.note(numbers[start : start + size], 1)
    assert one == other


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 150))
def test_nor_for_marks(bad, size):
    one, other = Marks(), Marks()
    for each in bad:
        one.note(1, int(each))
    for start in range(0, len(bad), size):
        some, bits = bad[start : start + size], 0
        for each in some:
            bits = bits << 1 | each
        other.note(len(some), bits)
    assert (one.bits, one.all) == (other.bits, other.all)


def test_a_clock_that_is_ahead_is_seen_after_three_hours_with_word():
    lags = Lags()
    for hour in range(3):
        assert lags.skew(HOUR // 4) is None
        lags.note(hour, -2 * HOUR)
    assert lags.skew(HOUR // 4) == 2 * HOUR
