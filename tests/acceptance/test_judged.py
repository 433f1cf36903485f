"""Two worlds in small: the rulebook that ships foretells what runs short, and is right more often than the baseline."""

import pytest

from streams.backtest import outcomes
from streams.cli.rulebook_files import resolved
from tests.acceptance.judge import Verdict, live_all, verdict
from tests.acceptance.judged.figures import Share
from tests.acceptance.judged.lives import Clash, lived

SEEDS = (1, 2)
WEEKS = 17
"""Long enough for the first shortages of five of the seven disruptions."""


@pytest.fixture(scope="module")
def found() -> Verdict:
    files = {name: resolved([name]) for name in ("default", "snc")}
    return verdict(live_all(SEEDS, files, WEEKS, processes=2), "default", "snc", WEEKS)


def test_what_runs_short_was_foretold_two_weeks_before(found: Verdict) -> None:
    default = found.rulebooks["default"]
    assert default.shortages >= 10
    assert default.recall is not None
    assert default.recall >= 0.9, default.missed
    assert (default.days_median or 0) >= 14


def test_whoever_is_called_is_called_rightly(found: Verdict) -> None:
    default, snc = found.rulebooks["default"], found.rulebooks["snc"]
    assert _precision(default.of_shortages) >= 0.8
    assert _precision(default.of_all) >= 0.8
    assert _precision(default.of_shortages) > _precision(snc.of_shortages)


def test_the_alerts_of_the_owners_make_up_all(found: Verdict) -> None:
    for one in found.rulebooks.values():
        assert sum(one.alerts_a_day_by_owner.values()) == pytest.approx(one.alerts_a_day)
        assert sum(share.raised for share in one.by_kind.values()) == one.of_all.raised


def test_rulebooks_that_share_a_kind_of_alert_cannot_be_judged_side_by_side() -> None:
    files = {"default": resolved(["default"]), "again": resolved(["default"])}
    with pytest.raises(Clash, match="both have a rule"):
        lived(1, 4, files, outcomes.load())


def _precision(share: Share) -> float:
    assert share.precision is not None
    return share.precision
