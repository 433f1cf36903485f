"""Days in events: the decoder lets any short text pass, the reading does not."""

import pytest

from streams.ledger.facts import checked_day


def test_a_day_stays_as_it_is_written():
    assert checked_day("2026-03-31") == "2026-03-31"


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "20260331", "2026-W14-2", "2026-3-31", "2026-03-31\n", "\u0662\u0660\u0662\u0666-03-31", ""],
)
def test_what_is_no_day_or_not_written_as_one_is_refused(written):
    with pytest.raises(ValueError, match=r"day|month|Invalid"):
        checked_day(written)
