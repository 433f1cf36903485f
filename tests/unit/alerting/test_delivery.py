from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.addresses import AddressError
from alerting.channels import Channel, Fate, judge, open_channels
from alerting.pace import Pace
from alerting.receivers import Receiver, Routing


@pytest.mark.parametrize(
    ("log", "fate", "detail"),
    [
        ("Failed to send JSON POST notification: error=503.", Fate.FAILED, "HTTP 503"),
        ("Failed to send to Slack: too many, error=429.", Fate.FAILED, "HTTP 429"),
        ("Unauthorized - Invalid Token, error=401.", Fate.DEAD, "HTTP 401"),
        (
            "error=302.",
            Fate.DEAD,
            "HTTP 302: redirects are not followed, give the new address",
        ),
        (
            "A Connection error occurred sending JSON notification to h.\nSocket Exception: [Errno 111] Connection refused",
            Fate.FAILED,
            "no connection",
        ),
        (
            "A Connection error occurred sending JSON notification to h.\nSocket Exception: Read timed out.",
            Fate.UNKNOWN,
            "the connection ended without an answer",
        ),
        ("something else", Fate.FAILED, "refused by the channel"),
    ],
)
def test_what_apprise_wrote_tells_whether_a_message_may_have_arrived(log, fate, detail):
    found = judge(log)
    assert (found.fate, found.detail) == (fate, detail)


@given(st.text())
def test_whatever_apprise_wrote_none_of_it_is_passed_on(log):
    assert judge(f"token-{log}").detail.find("token-") == -1


def test_a_channel_keeps_the_rate_of_its_service_unless_told_otherwise():
    assert Channel("a", "json://localhost", timeout_seconds=5).per_second is None
    assert Channel("a", "json://localhost", timeout_seconds=5, per_second=2).per_second == 2
    slack = Channel("a", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#buy", timeout_seconds=5)
    assert slack.per_second == pytest.approx(1 / 1.2)


def test_a_channel_shows_neither_its_address_nor_its_secret():
    shown = repr(Channel("a", "json://user:secret@host.example/path", timeout_seconds=5))
    assert "secret" not in shown
    assert "host" not in shown


def test_all_addresses_that_cannot_be_used_are_reported_at_once_and_none_is_shown():
    routing = Routing([Receiver(name="a", address="env:CHAT"), Receiver(name="b", address="nosuch://secret")])
    with pytest.raises(AddressError) as caught:
        open_channels(routing, {}, timeout_seconds=5)
    assert str(caught.value) == (
        "receiver a: the environment variable CHAT is not set\nreceiver b: its address is not one that Apprise can use"
    )


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_grows_with_the_attempts_up_to_the_longest(attempts, chance):
    pace = Pace(first_wait_seconds=1, longest_wait_seconds=300)
    assert timedelta(0) <= pace.wait(attempts, chance) <= timedelta(seconds=min(300, 2.0 ** min(attempts - 1, 20)))
    assert pace.wait(attempts, 1) <= pace.wait(attempts + 1, 1)


def test_a_lease_that_a_slow_sending_outlives_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Pace(send_seconds=10, lease_seconds=15)
