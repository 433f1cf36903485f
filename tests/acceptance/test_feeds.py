"""Feeds that go wrong are found within twice their rhythm: a spring with Easter here, twenty worlds by the command."""

import pytest

from tests.acceptance.feed_worlds import Lived, faults, lived, sent

SEED = 3
"""Eight weeks from 3 March 2025; the faults begin in Holy Week and at Easter."""

WEEKS, UNTIL = 8, 49
CALM = 2


@pytest.fixture(scope="module")
def spring() -> Lived:
    """The sites whose feeds go wrong, and some others."""
    befallen = faults(SEED, until=UNTIL)
    stream = sent(SEED, WEEKS)
    wrong = {fault.site for fault in befallen}
    calm = sorted({one.site for one in stream.sent} - wrong)[:CALM]
    return lived(SEED, stream._replace(sent=[one for one in stream.sent if one.site in {*wrong, *calm}]), befallen)


def test_each_fault_is_found_within_twice_the_rhythm_of_its_feed(spring: Lived) -> None:
    assert {found.fault.kind for found in spring.found} == {"silent", "held", "late", "gappy", "skewed"}
    assert [found.fault for found in spring.found if not found.in_time] == []


def test_no_feed_is_alarmed_of_before_it_goes_wrong_nor_over_easter(spring: Lived) -> None:
    assert spring.false_alarms == []
