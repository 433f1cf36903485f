"""A feed in office hours is trusted over weekends and holidays, and each of its faults is found."""

from datetime import datetime, timedelta

import pytest

from risk_rules.methods.rhythm import working_hours
from streams.ledger.trust.habits import DAILY
from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.seen import BROKEN_BELOW, Seen
from streams.ledger.trust.watch import MOST_SOURCES, Watch, Word
from tests.unit.ledger.trust.speaking import CALENDAR, at, lived, look, micros, usual, word

LEARNED = 63
"""Days: nine weeks."""


@pytest.fixture(scope="module")
def learned() -> bytes:
    """A feed that was watched for nine weeks in which nothing went wrong."""
    watch = Watch()
    watch.take(list(usual(range(LEARNED))), CALENDAR)
    return watch.packed()


@pytest.fixture
def watch(learned: bytes) -> Watch:
    return Watch.of(learned)


def first(found: list[Seen], quality: str) -> int | None:
    """After how many hours that began to cost trust."""
    return next((number for number, one in enumerate(found, 1) if quality in one.lost), None)


def test_nothing_is_said_of_a_feed_that_has_hardly_spoken() -> None:
    watch = Watch()
    watch.take([word(at(0, 9)), word(at(0, 10))], CALENDAR)
    assert (look(watch, at(9)).trust, look(watch, at(9)).features["wrong"]) == (None, None)


def test_a_sound_feed_is_trusted_wholly_on_sundays_and_holidays_too() -> None:
    found = lived(Watch(), range(LEARNED + 14))
    assert {one.trust for one in found[48:]} == {100}
    assert {one.features["wrong"] for one in found} == {None}


def test_its_rhythm_is_half_a_day_of_the_hours_in_which_it_works(watch: Watch) -> None:
    assert (watch.habits.rest.weekends, watch.habits.rest.holidays, watch.habits.rest.night) == (True, True, (18, 7))
    assert watch.habits.rhythms[""] == 12


@pytest.mark.parametrize("begin", [at(65, 12), at(67, 17), at(69, 3)])
def test_a_feed_that_falls_silent_is_found_within_twice_its_rhythm(watch: Watch, begin: datetime) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 21), lambda _: None, begin)
    after = first(found, "freshness")
    assert after is not None
    assert working_hours(begin, at(LEARNED, after), CALENDAR, watch.habits.rest) <= 2 * watch.habits.rhythms[""] + 1
    worthless = found[-1]
    assert (worthless.features["quiet_of"], worthless.trust, worthless.look_again) == ("all", 0, None)
    assert worthless.features["wrong"] == "freshness -100"


def test_silence_is_dated_from_the_last_word(watch: Watch) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 14), lambda _: None, at(65, 12))
    assert found[-1].features["wrong_since"] == {"freshness": at(65, 11)}
    assert look(Watch.of(watch.packed()), at(80)).features["wrong_since"] == {"freshness": at(65, 11)}


def test_a_feed_that_speaks_again_is_trusted_again(watch: Watch) -> None:
    lived(watch, range(LEARNED, LEARNED + 7), lambda _: None)
    lacking = Watch.of(watch.packed())
    (*_, last) = lived(watch, range(LEARNED + 7, LEARNED + 9), lambda said: (*said[:4], said[4] - 5 * 11, said[5]))
    assert (last.trust, last.since) == (100, {})
    (*_, last) = lived(lacking, range(LEARNED + 7, LEARNED + 9))  # the numbers of the week between were used
    assert last.since.keys() == {"completeness"}


def test_a_family_that_is_held_while_the_others_go_on_is_found_within_two_days_of_work(watch: Watch) -> None:
    assert watch.habits.rhythms["raw_material"] == DAILY
    found = lived(watch, range(LEARNED, LEARNED + 14), lambda said: None if said[2] == "raw_material" else said)
    after = first(found, "freshness")
    assert after is not None
    rest = watch.habits.rest._replace(night=None)
    assert working_hours(at(LEARNED), at(LEARNED, after), CALENDAR, rest) <= 2 * DAILY
    assert found[after].features["quiet_of"] == "raw_material"


def test_a_family_that_paused_for_two_days_before_much_is_known_of_it_is_not_taken_for_a_daily_one() -> None:
    said = [word(at(day, hour), "shipment") for day in range(23) if day not in (15, 16) for hour in (8, 9, 11, 13)]
    watch = Watch()
    watch.take([one for one in said if CALENDAR.works(at((one[0] - said[0][0]) // (24 * HOUR)).date())], CALENDAR)
    watch.take([word(at(23, 8))], CALENDAR)
    assert 40 < len(watch.habits.words["shipment"].pauses) < 48
    assert "shipment" not in watch.habits.rhythms


def test_what_was_agreed_goes_before_what_was_learned(watch: Watch) -> None:
    tuesday_noon = at(LEARNED + 1, 12)  # nothing came since Friday at half past five
    assert look(watch, tuesday_noon, all=72.0).lost == {}
    late = look(watch, tuesday_noon, all=24.0)
    assert (late.features["agreed_hours"], late.features["hours_quiet"]) == (24, 43)
    assert late.lost.keys() == {"freshness"}


def test_numbers_that_never_come_are_missed_half_a_day_later(watch: Watch) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 7), lambda said: None if said[4] % 2 else said)
    after = first(found, "completeness")
    assert after is not None
    assert after <= 48
    assert found[-1].features["missing"] > 10
    assert found[-1].trust is not None
    assert found[-1].trust < BROKEN_BELOW


def test_numbers_that_are_overtaken_by_some_hours_are_not_lost(watch: Watch) -> None:
    def held_up(said: Word) -> Word:
        return (said[0] + 4 * HOUR, *said[1:]) if said[4] % 3 == 0 else said

    found = lived(watch, range(LEARNED, LEARNED + 14), held_up)
    assert first(found, "completeness") is None
    assert first(found, "order") is not None


def test_a_clock_ahead_is_known_by_its_second_hour_with_word(watch: Watch) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 1), lambda said: (said[0], said[1] + 2 * HOUR, *said[2:]))
    assert first(found, "clock") == 9  # it speaks from half past seven on
    assert found[-1].features["clock_ahead_hours"] == pytest.approx(2, abs=0.05)


def test_a_clock_half_a_day_behind_is_told_from_a_usual_delay(watch: Watch) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 1), lambda said: (said[0], said[1] - 12 * HOUR, *said[2:]))
    assert found[-1].features["clock_ahead_hours"] == pytest.approx(-12, abs=0.05)
    calm = lived(watch, range(LEARNED + 1, LEARNED + 2))
    assert calm[-1].features["clock_ahead_hours"] == 0


def test_a_clock_ten_minutes_ahead_is_right(watch: Watch) -> None:
    found = lived(watch, range(LEARNED, LEARNED + 2), lambda said: (said[0], said[1] + HOUR // 5, *said[2:]))
    assert first(found, "clock") is None


def test_a_backlog_that_an_event_overtook_is_not_out_of_order(watch: Watch) -> None:
    backlog = [word(at(LEARNED, 12), written=at(LEARNED, 12) - timedelta(hours=30 - n / 10)) for n in range(100)]
    watch.take([word(at(LEARNED, 12)), *backlog], CALENDAR)
    assert watch.disorder.bad == 1


def test_two_queues_one_of_them_a_day_behind_are_disorder(watch: Watch) -> None:
    behind = [word(at(LEARNED, 12), written=at(LEARNED, 12 - 24 * (n % 2))) for n in range(60)]
    watch.take(behind, CALENDAR)
    found = look(watch, at(LEARNED, 13))
    assert found.features["disorder_share"] > 0.15
    assert found.lost.keys() == {"order"}


def test_who_takes_back_much_of_what_it_says_is_trusted_less(watch: Watch) -> None:
    watch.take([word(at(LEARNED, 12), corrects=n % 3 == 0) for n in range(120)], CALENDAR)
    assert look(watch, at(LEARNED, 13)).lost.keys() == {"corrections"}


def test_refused_records_count_by_the_worst_of_their_windows(watch: Watch) -> None:
    noon = at(LEARNED, 8)
    assert look(watch, noon, refused=[(1, 64), (1, 256)]).features["refused_share"] < 0.01
    assert look(watch, noon, refused=[(40, 64), (40, 256)]).features["refused_share"] > 0.4


def test_several_faults_at_once_are_all_told_the_worst_first(watch: Watch) -> None:
    def spoilt(said: Word) -> Word | None:
        return None if said[4] % 3 == 0 else (said[0], said[1] + 6 * HOUR, *said[2:])

    (*_, last) = lived(watch, range(LEARNED, LEARNED + 14), spoilt)
    assert last.features["wrong"].startswith("clock -")
    assert "completeness -" in last.features["wrong"]
    assert last.since.keys() == last.lost.keys() == {"clock", "completeness"}


def test_looking_changes_nothing(watch: Watch) -> None:
    before = watch.packed()
    look(watch, at(LEARNED + 30))
    assert watch.packed() == before


def test_a_feed_that_names_ever_new_sources_fills_no_memory() -> None:
    watch = Watch()
    for number in range(100):
        watch.take([(micros(at(0)), micros(at(0)), "batch", f"erp-{number}", number, False)], CALENDAR)
    assert len(watch.numberings) == MOST_SOURCES
    assert "erp-99" in watch.numberings
