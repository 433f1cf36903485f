"""What each reader is told, word for word: a changed word is a changed test."""

import string
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.configuration.model import Audience, Language, Units
from alerting.life.course import Occasion
from alerting.wording import notices
from alerting.wording.facts import Facts
from alerting.wording.phrases import ENGLISH, LANGUAGES, NAMES
from alerting.wording.plain import plain
from alerting.wording.reader import Reader
from alerting.wording.several import several
from alerting.wording.single import Message, Saying, as_possible_repeat, message
from risk_rules.findings import Factor, Severity
from risk_rules.remedies import Order, PullIn, Remedy, Week

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

REMEDY = Remedy(
    material="API-7", name="Amlodipine", unit="KGM", short_on=date(2026, 2, 2), missing=120.0,
    orders=(
        Order(supplier="Lonza", quantity=150.0, order_by=date(2026, 1, 9), usable_on=date(2026, 1, 30),
              lead_time_days=21.0, share=0.7, in_time=True),
    ),
    pull_ins=(
        PullIn(quantity=80.0, due_on=date(2026, 2, 10), needed_on=date(2026, 2, 2), of="suppliers"),
        PullIn(quantity=60.0, due_on=date(2026, 2, 12), needed_on=date(2026, 2, 2), of="quality"),
    ),
    at_stake=(Week(begins_on=date(2026, 2, 2), quantity=40.0), Week(begins_on=date(2026, 2, 9), quantity=80.0)),
)  # fmt: skip


def shortage(**changes):
    found = {
        "id": "9f2c41d07be35a68c1e0d4b7a2935f60", "kind": "material_shortage", "severity": Severity.WARNING,
        "score": 74.0, "subject_kind": "material", "subject_key": "BSL/API-7", "partner": "acme", "site": "BSL",
        "material": "API-7", "product": "AMLO-5", "summary": "API-7 runs out on 2 Feb 2026, 120 kg short",
        "advice": "Order 150 kg from Lonza by 9 Jan 2026.", "likelihood": 0.8, "impact_on": date(2026, 2, 2),
        "quantity": 120.0, "unit": "KGM", "owner": "Supply planning", "opened_at": MONDAY, "remedy": REMEDY,
        "factors": (
            Factor(name="days_of_supply", value="28 d", reference="90 d", share=44.4, lowers_to=0.0),
            Factor(name="lead_time_days", value="35 d", reference="0 d", share=29.6, lowers_to=51.0),
        ),
    }  # fmt: skip
    return Facts(**(found | changes))


def told(facts, occasion=Occasion.OPENED, reader=None, at=MONDAY, **more):
    return message(facts, Saying(occasion=occasion, at=at, **more), reader or Reader())


BUYER = Reader(audience=Audience.BUYER)


def test_a_buyer_reads_what_to_order_how_much_by_when_from_whom_and_what_is_at_stake():
    assert told(shortage(), reader=BUYER, link="http://127.0.0.1:8321/a/x") == Message(
        title="Warning: API-7 at BSL, 120 kg short from Mon 2 Feb 2026",
        body="""\
Amlodipine (API-7) runs short at BSL on Mon 2 Feb 2026, in 28 days: 120 kg missing.
Order 150 kg from Lonza by Fri 9 Jan 2026 (lead time 21 days).
Bring forward: the delivery of 80 kg due on Tue 10 Feb 2026, to Mon 2 Feb 2026.
Release sooner: 60 kg in quarantine until Thu 12 Feb 2026, by Mon 2 Feb 2026.
At stake by week: Mon 2 Feb 2026: 40 kg; Mon 9 Feb 2026: 80 kg.
How sure: likelihood 80%, score 74 of 100
Alert 9f2c41d0, open since 5 Jan 2026, 08:00 UTC
Acknowledge, snooze or say that it is not true: http://127.0.0.1:8321/a/x""",
    )


def test_a_buyer_in_zurich_reads_it_in_german_with_the_days_of_the_place():
    reader = Reader(audience=Audience.BUYER, language=Language.DE, zone=ZoneInfo("Europe/Zurich"))
    assert told(shortage(remedy=msgspec.structs.replace(REMEDY, pull_ins=())), reader=reader) == Message(
        title="Warnung: API-7 in BSL, 120 kg fehlen ab Mo., 2. Feb. 2026",
        body="""\
Amlodipine (API-7) wird in BSL knapp am Mo., 2. Feb. 2026, in 28 Tagen: 120 kg fehlen.
150 kg bei Lonza bestellen bis Fr., 9. Jan. 2026 (Lieferzeit 21 Tage).
Es fehlen je Woche: Mo., 2. Feb. 2026: 40 kg; Mo., 9. Feb. 2026: 80 kg.
Wie sicher: Wahrscheinlichkeit 80\u00a0%, Wert 74 von 100
Alarm 9f2c41d0, offen seit 5. Jan. 2026, 09:00 CET""",
    )


def test_where_nobody_is_fast_enough_a_buyer_reads_by_how_much():
    late = msgspec.structs.replace(
        REMEDY.orders[0], order_by=date(2026, 1, 5), usable_on=date(2026, 2, 9), in_time=False
    )
    body = told(shortage(remedy=msgspec.structs.replace(REMEDY, orders=(late,))), reader=BUYER).body
    assert "Order 150 kg from Lonza today: usable on Mon 9 Feb 2026, 7 days too late, and nobody is faster." in body


def test_where_the_network_names_no_supplier_a_buyer_is_sent_to_the_site():
    body = told(shortage(remedy=msgspec.structs.replace(REMEDY, orders=(), pull_ins=())), reader=BUYER).body
    assert "The network names no supplier of it: ask the site." in body


def test_a_planner_reads_where_when_how_sure_why_and_what_helps():
    assert told(shortage(severity=Severity.CRITICAL), Occasion.WORSE, was=Severity.WARNING) == Message(
        title="CRITICAL: Material shortage, API-7 at BSL",
        body="""\
Worse: warning before, critical now.
API-7 runs out on 2 Feb 2026, 120 kg short
Where: BSL (acme), product AMLO-5
When: Mon 2 Feb 2026 (in 28 days)
At stake: 120 kg
How sure: likelihood 80%, score 74 of 100
Why: days of supply 28 d (+44); lead time days 35 d (+30)
Order 150 kg from Lonza by Fri 9 Jan 2026 (lead time 21 days).
Bring forward: the delivery of 80 kg due on Tue 10 Feb 2026, to Mon 2 Feb 2026.
Release sooner: 60 kg in quarantine until Thu 12 Feb 2026, by Mon 2 Feb 2026.
Owner: Supply planning
Alert 9f2c41d0, open since 5 Jan 2026, 08:00 UTC""",
    )


def test_an_engineer_reads_of_a_silent_feed_only_what_is_known_of_it():
    silent = shortage(
        kind="feed_silent", severity=Severity.WATCH, score=40.0, subject_kind="feed", subject_key="acme/BSL",
        material=None, product=None, summary="No event for 30 hours, usually one in 4", advice="", likelihood=None,
        impact_on=None, quantity=None, unit=None, owner=None, remedy=None, factors=(),
    )  # fmt: skip
    assert told(silent, Occasion.RELEASED, Reader(audience=Audience.SRE)) == Message(
        title="Watch: Feed silent, from BSL",
        body="""\
It was held back until now, and is still open.
No event for 30 hours, usually one in 4
Where: BSL (acme)
How sure: score 40 of 100
Alert 9f2c41d0, open since 5 Jan 2026, 08:00 UTC""",
    )


def test_a_resolved_alert_says_what_it_was_and_that_nothing_is_to_be_done():
    lot = shortage(subject_kind="lot", subject_key="BSL/L-0042")
    assert told(lot, Occasion.RESOLVED, at=MONDAY + timedelta(days=3, hours=4)) == Message(
        title="Resolved: Material shortage, L-0042 at BSL",
        body="""\
It was: API-7 runs out on 2 Feb 2026, 120 kg short
Where: BSL (acme), material API-7, product AMLO-5
Open for 3 days, since 5 Jan 2026, 08:00 UTC. Nothing to do.
Alert 9f2c41d0, open since 5 Jan 2026, 08:00 UTC""",
    )


def test_who_resolved_an_alert_by_hand_is_named_with_the_reason():
    body = told(shortage(), Occasion.RESOLVED, person="Mia", reason="the stock was counted anew").body
    assert body.startswith("Resolved by Mia: the stock was counted anew\n")


@pytest.mark.parametrize(
    ("occasion", "more", "first"),
    [
        (Occasion.REOPENED, {}, "Back again: it was resolved and has come back."),
        (Occasion.STEP, {"step": 2}, "Nobody has taken it yet: this is step 2 of the escalation."),
        (Occasion.WOKEN, {"person": "Mia"}, "It is open again: the time of Mia is over."),
        (Occasion.CALM, {}, "It has stopped coming and going, and is open."),
        (Occasion.REMINDER, {}, "Still open, and nobody has it."),
        (
            Occasion.FLAPPING,
            {"changes": 4, "span": timedelta(hours=24), "calm": timedelta(hours=6)},
            "It comes and goes: 4 times in 24 hours. You hear again when it has been quiet for 6 hours.",
        ),
    ],
)
def test_a_message_says_why_it_comes_now(occasion, more, first):
    assert told(shortage(), occasion, **more).body.splitlines()[0] == first


def test_americans_may_read_pounds_and_their_own_clock():
    body = told(
        shortage(), reader=Reader(audience=Audience.BUYER, units=Units.US, zone=ZoneInfo("America/New_York"))
    ).body
    assert "Order 330.7 lb from Lonza" in body
    assert "open since 5 Jan 2026, 03:00 EST" in body


def test_a_group_names_the_worst_first_and_says_how_many_more_there_are():
    many = [shortage(id=f"{n:032x}", subject_key=f"BSL/API-{n}", score=float(n)) for n in range(40)]
    worst = shortage(id="f" * 32, severity=Severity.CRITICAL, subject_key="BSL/API-99")
    group = several([*many, worst], [], "group", Reader())
    assert group.title == "CRITICAL: 41 alerts, Material shortage · AMLO-5 · BSL"
    lines = group.body.splitlines()
    assert lines[0] == "CRITICAL: API-99 at BSL: API-7 runs out on 2 Feb 2026, 120 kg short"
    assert lines[1].startswith("Warning: API-39 at BSL:")
    assert lines[-1] == "and 29 more"


def test_a_digest_says_what_is_over_too():
    digest = several([shortage()], [shortage(subject_key="BSL/API-9")], "digest", Reader())
    assert digest.title == "2 alerts since your last digest"
    assert digest.body.splitlines()[1] == "Over: API-9 at BSL: API-7 runs out on 2 Feb 2026, 120 kg short"


def test_a_second_sending_says_that_it_may_be_one():
    assert as_possible_repeat(Message("Warning: L-4 at BSL", "Week 7 is full"), Reader()) == Message(
        "(possible repeat) Warning: L-4 at BSL",
        "Week 7 is full\nPossible repeat: the first sending was not confirmed.",
    )


def test_notices_say_what_happened_and_what_to_do():
    assert notices.dead_letters("mia-chat", "mia", 3, "HTTP 404", Reader()).body == (
        "3 messages to mia through mia-chat were given up. The last answer: HTTP 404. Check its address."
    )
    ended = notices.silence_ended("site=BSL", "maintenance", "Mia", "new tank", MONDAY, 2, Reader(language=Language.DE))
    assert ended.title == "Eine Stummschaltung ist zu Ende: site=BSL"
    assert "am 5. Jan. 2026, 08:00 UTC" in ended.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_with_the_same_blanks(language):
    def blanks(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for name in NAMES:
        assert blanks(getattr(LANGUAGES[language], name)) == blanks(getattr(ENGLISH, name)), name


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
    assert told(shortage(subject_kind="lot", subject_key=key)).title == f"Warning: Material shortage, {shown} at BSL"


@given(st.text())
def test_no_text_can_mention_link_format_or_run_over(written):
    shown = plain(written)
    assert not set(shown) & set("<>@*`~|[]\\&\n\r\x00\u202e")
    assert "://" not in shown
    assert len(shown) <= 600


@given(st.text(), st.text(min_size=1), st.sampled_from(Audience))
def test_a_message_keeps_its_shape_whatever_stands_in_the_data(text, key, audience):
    remedy = msgspec.structs.replace(REMEDY, name=text, material=key, unit=text, orders=(
        msgspec.structs.replace(REMEDY.orders[0], supplier=text),
    ))  # fmt: skip
    facts = shortage(
        summary=text, advice=text, owner=text, unit=text, remedy=remedy, subject_key=key, partner=key, site=key
    )
    made = told(facts, reader=Reader(audience=audience))
    assert len(made.title) <= 120
    assert made.body.count("\n") <= 12
    assert made.body.endswith("Alert 9f2c41d0, open since 5 Jan 2026, 08:00 UTC")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (120.0, "120"), (1250.4, "1,250"), (12.5, "12.5"), (0.0213, "0.0213"), (2e6, "2,000,000")],
)
def test_numbers_are_as_long_as_they_are_of_use(value, shown):
    assert Reader().number(value) == shown


@pytest.mark.parametrize(
    ("days", "shown"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (14, "in 14 days"), (-3, "3 days ago")]
)
def test_a_day_is_told_from_today(days, shown):
    assert Reader().distance(MONDAY.date() + timedelta(days=days), MONDAY) == shown


def test_the_today_of_a_reader_is_that_of_the_place():
    late = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    assert Reader(zone=ZoneInfo("Asia/Kolkata")).distance(date(2026, 1, 6), late) == "today"
    assert Reader().distance(date(2026, 1, 6), late) == "tomorrow"


@pytest.mark.parametrize(
    ("span", "shown"),
    [(timedelta(minutes=95), "95 minutes"), (timedelta(hours=30), "30 hours"), (timedelta(days=9), "9 days")],
)
def test_how_long_an_alert_was_open_is_told_in_one_unit(span, shown):
    assert Reader().span(span) == shown
