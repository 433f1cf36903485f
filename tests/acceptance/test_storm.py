"""The short form of `python -m tests.acceptance.storm`."""

import pytest

from tests.acceptance.storm import MOST_MESSAGES, PROTECTIONS, run
from tests.integration.alerting.conftest import engine  # noqa: F401 - the fixture


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_storm_of_alerts_from_one_cause_is_few_messages_that_tell_of_all(engine, protection):  # noqa: F811
    storm = run(engine, alerts=200, protection=protection)
    assert storm.is_good, storm
    assert max(storm.messages.values()) <= MOST_MESSAGES
