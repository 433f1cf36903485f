"""What a watch has learned hangs on the words in their order alone: not on batches, nor on restarts between them."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.marks import Marks
from streams.ledger.trust.watch import Watch, Word
from tests.unit.ledger.trust.speaking import CALENDAR, MONDAY, at, look, micros, usual


@st.composite
def words(draw: st.DrawFn) -> list[Word]:
    """A feed with anything wrong: most time goes on, and sometimes back."""
    now, said = micros(MONDAY), list[Word]()
    for _ in range(draw(st.integers(1, 40))):
        now += HOUR * draw(st.sampled_from([0, 0, 0, 1, 2, 17, 65, -1])) + draw(st.integers(0, HOUR // 2))
        family = draw(st.sampled_from(["batch", "shipment", "raw_material"]))
        source = draw(st.sampled_from(["erp", "lims"]))
        number = draw(st.sampled_from([-1, len(said), len(said) + 1, len(said) // 2, 5000]))
        said.append((now, now - draw(st.integers(-3, 9)) * HOUR, family, source, number, draw(st.booleans())))
    return said


def in_parts(said: list[Word], cuts: list[int], *, restarts: bool) -> Watch:
    watch = Watch()
    edges = [0, *sorted(cut % (len(said) + 1) for cut in cuts), len(said)]
    for begin, end in pairwise(edges):
        if begin < end:
            watch.take(said[begin:end], CALENDAR)
        if restarts:
            watch = Watch.of(watch.packed())
    return watch


@settings(max_examples=60)
@given(words(), st.lists(st.integers(0, 50), max_size=6), st.booleans())
def test_neither_batches_nor_restarts_change_what_is_learned(said: list[Word], cuts: list[int], restarts: bool) -> None:
    assert in_parts(said, cuts, restarts=restarts).packed() == in_parts(said, [], restarts=False).packed()


@settings(max_examples=10)
@given(st.lists(st.integers(0, 250), max_size=8))
def test_nor_what_is_said_of_a_feed_of_nine_weeks(cuts: list[int]) -> None:
    said = list(usual(range(63)))
    parted, whole = in_parts(said, cuts, restarts=True), in_parts(said, [], restarts=False)
    for day in (63, 64, 66, 71):
        assert look(parted, at(day)) == look(whole, at(day))


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 150))
def test_marks_are_kept_of_the_last_events_however_they_came(bad: list[bool], size: int) -> None:
    marks = Marks()
    for start in range(0, len(bad), size):
        some, bits = bad[start : start + size], 0
        for each in some:
            bits = bits << 1 | each
        marks.note(len(some), bits)
    assert (marks.bad, marks.all) == (sum(bad[-128:]), min(128, len(bad)))
    assert Marks.of(marks.told()).told() == marks.told()
