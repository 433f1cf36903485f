"""Numbers that never came: what is late is awaited, what is lost is told, and who does not count up by one misses nothing."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from streams.ledger.trust.numbering import LEAP, PATIENCE, RENUMBERED, Numbering

LONG_AFTER = 10_000


def numbered(numbers: Iterable[int]) -> Numbering:
    """A source that sends one of these each hour, after its first, 0."""
    source = Numbering(0, 0)
    for hour, number in enumerate(numbers, 1):
        source.note(number, hour)
    return source


def lost(source: Numbering, hour: int = LONG_AFTER) -> list[int]:
    return [missing for missing, _ in source.lost(hour)]


def test_numbers_that_all_come_leave_nothing_missing() -> None:
    assert lost(numbered(range(1, 300))) == [0, 0, 0]


def test_a_lost_number_is_awaited_a_quarter_of_a_day_after_a_newer_one() -> None:
    source = numbered([*range(1, 299), 300])  # hour 299 had 300
    assert lost(source, 299 + PATIENCE - 1)[0] == 0
    assert lost(source, 299 + PATIENCE)[0] == 1


def test_losses_of_late_weigh_more_among_few_numbers_than_among_many() -> None:
    few, some, many = numbered([n for n in range(1, 300) if n < 280 or n % 2]).lost(LONG_AFTER)
    assert few == (10, 32)
    assert some == (10, 128)
    assert many == (10, 300)


def test_a_number_that_comes_late_is_missing_no_more() -> None:
    assert lost(numbered([*range(1, 250), *range(251, 300), 250])) == [0, 0, 0]


def test_a_source_that_does_not_count_up_by_one_misses_nothing() -> None:
    assert lost(numbered(range(1, 900, 3))) == []


def test_a_loss_later_does_not_make_it_a_source_that_does_not_count() -> None:
    assert lost(numbered([*range(1, 200), *range(200, 400, 2)]))[0] > 10


def test_a_numbering_that_begins_anew_misses_nothing_of_the_old() -> None:
    begun_again = [*range(1, 200), *range(200 + LEAP + 1, 600 + LEAP)]
    assert lost(numbered(begun_again)) == [0, 0, 0]
    at_one = [*range(1, 200), *range(1, 200)]
    assert lost(numbered(at_one)) == [0, 0, 0]
    assert numbered([*range(1, 200), *range(1, RENUMBERED)]).top == 199  # a few repeats are no new numbering


@given(st.permutations(range(1, 40)))
def test_the_order_in_which_numbers_come_is_not_what_is_missing(numbers: list[int]) -> None:
    assert numbered(numbers).missing == 0


@given(st.lists(st.integers(0, 3000), max_size=60))
def test_it_goes_on_after_a_restart_as_if_there_had_been_none(numbers: list[int]) -> None:
    restarted = Numbering(0, 0)
    for hour, number in enumerate(numbers, 1):
        restarted.note(number, hour)
        restarted = Numbering.of(restarted.told())
    assert restarted.told() == numbered(numbers).told()
