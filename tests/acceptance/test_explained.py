"""An explanation agrees with what was delivered; `python -m tests.acceptance.explained` shows it over a quarter."""

from tests.acceptance.explained import run
from tests.integration.alerting.conftest import engine  # noqa: F401 - the fixture


def test_explanations_agree_with_what_each_receiver_got(engine):  # noqa: F811
    outcome = run(engine, pairs=60, days=2)
    assert list(outcome.wrong) == []
    assert 0 < outcome.told < outcome.pairs
