from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alerts import Alert, Transition, advance
from alerting.texts import Message, as_possible_repeat, message, number, plain
from risk_rules.findings import Finding, Severity, Subject
from tests.unit.alerting.findings import MONDAY, STOCK, shortage

IDENTIFIER = "9f2c41d07be35a68c1e0d4b7a2935f60"


def alert_of(finding: Finding) -> Alert:
    step = advance(None, finding, MONDAY, IDENTIFIER)
    assert step is not None
    return step.alert


def test_a_shortage_that_opens_says_what_where_when_how_sure_why_and_what_to_do():
    finding = shortage()
    assert message(Transition.OPENED, alert_of(finding), STOCK, MONDAY, finding) == Message(
        title="Warning: Material shortage, API-7 at BSL",
        body="""\
API-7 runs out on 2 Feb 2026, 120 kg short
Where: BSL (acme), product AMLO-5
When: 2 Feb 2026 (in 28 days)
At stake: 120 kg
How sure: likelihood 80 %, score 74 of 100
Why: days of supply 28 d (+44); lead time days 35 d (+30)
Do: Order 150 kg from Lonza by 9 Jan 2026, or move batch B-12 to March.
Owner: Supply planning
Alert 9f2c41d0, open since 5 Jan 2026 08:00 UTC""",
    )


def test_a_shortage_that_gets_worse_says_what_it_was():
    finding = shortage(Severity.CRITICAL, impact_on=date(2026, 1, 9), quantity=1250.4)
    told = message(Transition.WORSE, alert_of(finding), STOCK, MONDAY, finding, Severity.WARNING)
    assert told == Message(
        title="CRITICAL: Material shortage, API-7 at BSL",
        body="""\
Worse: warning before, critical now.
API-7 runs out on 2 Feb 2026, 120 kg short
Where: BSL (acme), product AMLO-5
When: 9 Jan 2026 (in 4 days)
At stake: 1,250 kg
How sure: likelihood 80 %, score 74 of 100
Why: days of supply 28 d (+44); lead time days 35 d (+30)
Do: Order 150 kg from Lonza by 9 Jan 2026, or move batch B-12 to March.
Owner: Supply planning
Alert 9f2c41d0, open since 5 Jan 2026 08:00 UTC""",
    )


def test_a_bare_finding_leaves_out_the_lines_that_it_cannot_fill():
    silent = Subject(kind="feed", key="acme/BSL", partner="acme", site="BSL")
    finding = Finding(
        rule="feed-silent",
        kind="feed_silent",
        severity=Severity.WATCH,
        score=40,
        summary="No event for 30 hours, usually one in 4",
    )
    assert message(Transition.BETTER, alert_of(finding), silent, MONDAY, finding, Severity.WARNING) == Message(
        title="Watch: Feed silent, from BSL",
        body="""\
Better: warning before, watch now.
No event for 30 hours, usually one in 4
Where: BSL (acme)
How sure: score 40 of 100
Alert 9f2c41d0, open since 5 Jan 2026 08:00 UTC""",
    )


def test_a_resolved_alert_says_what_it_was_and_that_nothing_is_to_be_done():
    lot = Subject(kind="lot", key="BSL/L-0042", partner="acme", site="BSL", material="API-7")
    told = message(Transition.RESOLVED, alert_of(shortage()), lot, MONDAY + timedelta(days=3, hours=4))
    assert told == Message(
        title="Resolved: Material shortage, L-0042 at BSL",
        body="""\
It was: API-7 runs out on 2 Feb 2026, 120 kg short
Where: BSL (acme), material API-7
Open for 3 days, since 5 Jan 2026 08:00 UTC. Nothing to do.
Alert 9f2c41d0""",
    )


def test_a_second_sending_says_that_it_may_be_one():
    assert as_possible_repeat(Message("Warning: Line overload, L-4 at BSL", "Week 7 is full")) == Message(
        "(possible repeat) Warning: Line overload, L-4 at BSL",
        "Week 7 is full\nPossible repeat: the first sending was not confirmed.",
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("@channel look", "＠channel look"),
        ("<!here> <script>", "‹!here› ‹script›"),
        ("[order now](https://evil.example)", "［order now］(https: //evil.example)"),
        ("*bold* _kursiv_ `code` ~gone~", "∗bold∗ ＿kursiv＿ ˋcodeˋ ∼gone∼"),
        ("lot API_7_B", "lot API_7_B"),
        ("two\nlines\tand\r\na\x00zero", "two lines and azero"),
        ("\u202egnp.exe", "gnp.exe"),
        ("Überzug für 5 µm Filter", "Überzug für 5 µm Filter"),
    ],
)
def test_what_a_partner_wrote_is_shown_as_text(written, shown):
    assert plain(written) == shown


@pytest.mark.parametrize(
    ("key", "shown"), [("BSL/API-7/L-42", "L-42"), ("BSL/API-7/L~142~0a", "L/42~a".replace("~", "∼")), ("B-7", "B-7")]
)
def test_a_title_names_the_thing_as_its_owner_writes_it(key, shown):
    subject = Subject(kind="lot", key=key, partner="acme", site="BSL", material="API-7")
    told = message(Transition.OPENED, alert_of(shortage()), subject, MONDAY, shortage())
    assert told.title == f"Warning: Material shortage, {shown} at BSL"


@given(st.text())
def test_no_text_can_mention_link_format_or_run_over(written):
    shown = plain(written)
    assert not set(shown) & set("<>@*`~|[]\\&\n\r\x00\u202e")
    assert "://" not in shown
    assert len(shown) <= 600


@given(st.builds(shortage, summary=st.text(), advice=st.text(), owner=st.text(), unit=st.text()), st.text(min_size=1))
def test_a_message_keeps_its_shape_whatever_stands_in_the_data(finding, key):
    subject = Subject(kind="lot", key=key, partner=key, site=key)
    told = message(Transition.OPENED, alert_of(finding), subject, MONDAY, finding)
    assert len(told.title) <= 120
    assert told.body.count("\n") <= 9
    assert told.body.endswith("Alert 9f2c41d0, open since 5 Jan 2026 08:00 UTC")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (120.0, "120"), (1250.4, "1,250"), (12.5, "12.5"), (0.0213, "0.0213"), (2e6, "2,000,000")],
)
def test_numbers_are_as_long_as_they_are_of_use(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("days", "shown"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (14, "in 14 days"), (-3, "3 days ago")]
)
def test_a_day_is_told_from_today(days, shown):
    finding = shortage(impact_on=MONDAY.date() + timedelta(days=days))
    assert f"({shown})" in message(Transition.OPENED, alert_of(finding), STOCK, MONDAY, finding).body


@pytest.mark.parametrize(
    ("span", "shown"),
    [(timedelta(minutes=95), "95 minutes"), (timedelta(hours=30), "30 hours"), (timedelta(days=9), "9 days")],
)
def test_how_long_an_alert_was_open_is_told_in_one_unit(span, shown):
    told = message(Transition.RESOLVED, alert_of(shortage()), STOCK, MONDAY + span)
    assert f"Open for {shown}," in told.body
