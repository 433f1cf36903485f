"""What became of a message, when it is tried again, and what is added to it for its thread."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.addresses import AddressError
from alerting.configuration.model import Contact
from alerting.delivery.channels import Channel, open_channels
from alerting.delivery.fates import LONGEST_CLOSURE, Delivery, Fate, judge, judge_log, wait_asked_for
from alerting.delivery.outbox import Claim, Kind, State
from alerting.delivery.pace import Pace
from alerting.delivery.settling import settle
from alerting.delivery.threads import Strand, marks, reference
from alerting.delivery.wire import Exchange, Trouble, Wire
from alerting.wording.single import Message
from risk_rules.findings import Severity

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PACE = Pace(most_attempts=20, attempts_before_fallback=6)


def exchange(**seen) -> Exchange:
    return Exchange(wire=Wire(), within_seconds=1, **seen)


@pytest.mark.parametrize(
    ("seen", "fate", "detail"),
    [
        ({"status": 503}, Fate.FAILED, "HTTP 503"),
        ({"status": 429}, Fate.FAILED, "HTTP 429"),
        ({"status": 408}, Fate.FAILED, "HTTP 408"),
        ({"status": 401}, Fate.DEAD, "HTTP 401"),
        ({"status": 302}, Fate.DEAD, "HTTP 302: redirects are not followed, give the new address"),
        ({"status": 503, "trouble": Trouble.NO_ANSWER}, Fate.FAILED, "HTTP 503"),
        ({"status": 200, "trouble": Trouble.NO_ANSWER}, Fate.UNKNOWN, "the connection ended without an answer"),
        ({"status": 200}, Fate.FAILED, "refused by the channel, though with a status of success"),
        ({"trouble": Trouble.NEVER_CONNECTED}, Fate.FAILED, "no connection"),
        ({"trouble": Trouble.NO_ANSWER}, Fate.UNKNOWN, "the connection ended without an answer"),
        ({"status": 500, "accepted": 1}, Fate.UNKNOWN, "accepted in part, then HTTP 500"),
        ({"mail_status": 550}, Fate.DEAD, "SMTP 550"),
        ({"mail_status": 451, "handed_over": True}, Fate.FAILED, "SMTP 451"),
        ({"mail_status": 354, "handed_over": True}, Fate.UNKNOWN, "the connection ended without an answer"),
        ({"handed_over": True}, Fate.UNKNOWN, "the connection ended without an answer"),
        ({"mail_status": 250}, Fate.FAILED, "the connection ended before the mail was handed over"),
    ],
)
def test_what_went_over_the_wire_tells_whether_a_message_may_have_arrived(seen, fate, detail):
    found = judge(exchange(**seen), "", NOW)
    assert (found.fate, found.detail) == (fate, detail)


@pytest.mark.parametrize(
    ("log", "fate"),
    [
        ("Unauthorized - Invalid Token, error=401.", Fate.DEAD),
        ("A Connection error occurred.\nSocket Exception: [Errno 111] Connection refused", Fate.FAILED),
        ("A Connection error occurred.\nSocket Exception: Read timed out.", Fate.UNKNOWN),
        ("something else", Fate.FAILED),
    ],
)
def test_of_other_protocols_what_apprise_wrote_must_do(log, fate):
    assert judge(exchange(), log, NOW).fate is fate


@given(st.text())
def test_whatever_apprise_wrote_none_of_it_is_passed_on(log):
    assert judge_log(f"token-{log}").detail.find("token-") == -1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 1.5 ", timedelta(seconds=1.5)),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), timedelta(seconds=90)),
        ("Mon, 05 Jan 2026 08:00:30 -0000", timedelta(seconds=30)),
        ("86400", LONGEST_CLOSURE),
        ("0", None),
        ("-5", None),
        ("nan", None),
        ("1e400", None),
        ("soon", None),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), None),
        (None, None),
    ],
)
def test_a_service_says_how_long_it_wants_to_be_left_alone_in_seconds_or_with_a_date(header, wait):
    assert wait_asked_for(header, NOW) == wait


@given(st.text(max_size=60) | st.floats().map(str) | st.integers().map(str))
def test_whatever_a_service_says_of_the_time_it_is_no_longer_than_an_hour_and_never_breaks(header):
    wait = wait_asked_for(header, NOW)
    assert wait is None or timedelta(0) < wait <= LONGEST_CLOSURE


def claim(**changes) -> Claim:
    told = {
        "id": "m1", "fence": 1, "lease_ends": NOW, "kind": Kind.ALERT, "alert_id": None, "thread": "a", "number": 1,
        "transition": "opened", "receiver": "planner", "contact": "chat", "fallbacks": (),
        "severity": Severity.WARNING, "message": Message("t", "b"), "attempts": 1, "possible_repeat": False,
        "since": NOW,
    }  # fmt: skip
    return Claim(**(told | changes))


@given(st.integers(1, 30), st.floats(0, 1), st.booleans(), st.sampled_from(Fate), st.none() | st.integers(1, 3600))
def test_a_message_is_tried_again_until_its_attempts_are_used_up(attempts, chance, is_repeat, fate, asked):
    wait = None if asked is None else timedelta(seconds=asked)
    mark = settle(
        claim(attempts=attempts, possible_repeat=is_repeat), Delivery(fate, "x", wait), NOW, PACE, chance, None
    )
    if fate in (Fate.SENT, Fate.DEAD):
        assert (mark.state.value, mark.again_at) == (fate.value, NOW)
    elif attempts >= PACE.most_attempts:
        assert mark.state is State.DEAD
    else:
        assert mark.again_at >= NOW + (wait or timedelta(0))
    assert mark.possible_repeat == (is_repeat or fate is Fate.UNKNOWN)
    assert mark.closed_until == (None if wait is None else NOW + wait)


def test_with_another_way_to_the_receiver_a_message_is_given_up_sooner():
    failed = Delivery(Fate.FAILED, "HTTP 503")
    assert settle(claim(attempts=6), failed, NOW, PACE, 0.5, None).state is State.FAILED
    assert settle(claim(attempts=6, fallbacks=("mail",)), failed, NOW, PACE, 0.5, None).state is State.DEAD
    long = Delivery(Fate.FAILED, "HTTP 429", timedelta(minutes=30))
    assert settle(claim(fallbacks=("mail",)), long, NOW, PACE, 0.5, None).state is State.DEAD
    assert settle(claim(), long, NOW, PACE, 0.5, None).state is State.FAILED


def test_a_digest_that_may_have_arrived_is_not_repeated_for_an_hour():
    unknown = Delivery(Fate.UNKNOWN, "no answer")
    assert settle(claim(kind=Kind.DIGEST), unknown, NOW, PACE, 0, None).again_at == NOW + timedelta(hours=1)
    assert settle(claim(), unknown, NOW, PACE, 0, None).again_at == NOW


def strand(**changes) -> Strand:
    return Strand(**({"key": "m2", "thread": "a1", "receiver": "planner", "first": False} | changes))


def test_all_mails_of_a_thread_refer_to_one_root_that_is_the_first_of_them():
    first = marks(strand(key="m1", first=True), None, "acme.example")
    later = marks(strand(), None, "acme.example")
    assert later.headers["References"] == later.headers["In-Reply-To"] == first.message_id
    assert "References" not in first.headers
    assert later.message_id == "<m2@acme.example>"
    elsewhere = marks(strand(receiver="manager"), None, "acme.example")
    assert elsewhere.headers["References"] != first.message_id


def test_an_update_answers_the_first_message_where_the_service_can_do_that():
    assert marks(strand(root="p1"), "root_id", None).fields == {"root_id": "p1"}
    assert marks(strand(root="p1"), None, None).fields == {}
    assert marks(strand(), "root_id", None).fields == {}


@pytest.mark.parametrize(
    ("answer", "found"),
    [(b'{"id": "p1"}', "p1"), (b'{"id": 5}', None), (b"[]", None), (b'"id"', None), (b"", None), (b"\xff", None)],
)
def test_what_the_service_calls_a_message_is_read_from_its_answer(answer, found):
    assert reference(answer, "root_id") == found


def test_a_channel_keeps_the_rate_of_its_service_unless_told_otherwise():
    assert Channel("a", "json://localhost", timeout_seconds=5).per_second is None
    assert Channel("a", "json://localhost", timeout_seconds=5, per_second=2).per_second == 2
    slack = Channel("a", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#buy", timeout_seconds=5)
    assert slack.per_second == pytest.approx(1 / 1.2)


def test_a_channel_shows_neither_its_address_nor_its_secret():
    shown = repr(Channel("a", "json://user:secret@host.example/path", timeout_seconds=5))
    assert "secret" not in shown
    assert "host" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "mailto://localhost/ann@acme.example/bob@acme.example?from=b@acme.example",
        "mailto://localhost/ann@acme.example?cc=bob@acme.example&from=b@acme.example",
        "ntfy://localhost/buyers/planners",
    ],
)
def test_an_address_with_several_recipients_is_refused(url):
    with pytest.raises(AddressError, match="several recipients"):
        Channel("a", url, timeout_seconds=5)


def test_all_addresses_that_cannot_be_used_are_reported_at_once_and_none_is_shown():
    contacts = {"a": Contact(name="a", address="env:CHAT"), "b": Contact(name="b", address="nosuch://secret")}
    with pytest.raises(AddressError) as caught:
        open_channels(contacts, {}, timeout_seconds=5)
    assert str(caught.value) == (
        "contact a: the environment variable CHAT is not set\ncontact b: its address is not one that Apprise can use"
    )


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_grows_with_the_attempts_up_to_the_longest(attempts, chance):
    pace = Pace(first_wait_seconds=1, longest_wait_seconds=300)
    assert timedelta(0) <= pace.wait(attempts, chance) <= timedelta(seconds=min(300, 2.0 ** min(attempts - 1, 20)))
    assert pace.wait(attempts, 1) <= pace.wait(attempts + 1, 1)


def test_a_lease_that_a_slow_sending_outlives_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Pace(send_seconds=10, lease_seconds=15)
