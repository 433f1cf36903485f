from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from alerting.book import AlertBook
from alerting.tables import alert, alert_news, alert_transition, audit
from risk_rules.findings import Severity, Subject
from tests.unit.alerting.findings import MONDAY, STOCK, shortage, verdict

LOT = Subject(kind="lot", key="BSL/L-1", partner="acme", site="BSL", material="API-7")


def a_book(engine: Engine, partition: str = "scrm.events.v1/0") -> AlertBook:
    book = AlertBook()
    with engine.begin() as connection:
        book.load(connection, partition)
    return book


def live(engine: Engine, book: AlertBook, *verdicts, at=MONDAY, event_at=None):
    changes = book.observe(verdicts, at, event_at)
    with engine.begin() as connection:
        changes.write(connection)
    book.accept(changes)
    return changes


def rows(engine: Engine, statement):
    with engine.begin() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def news(engine: Engine):
    """What the desk has yet to take: numbers and transitions."""
    step = alert_transition.c
    statement = select(alert_news.c.number, step.transition).join(
        alert_transition, (step.alert_id == alert_news.c.alert_id) & (step.number == alert_news.c.number)
    )
    return [tuple(row.values()) for row in rows(engine, statement.order_by(alert_news.c.number))]


def test_an_alert_that_opens_is_kept_with_its_history_its_news_and_its_audit_entry(engine):
    book = a_book(engine)
    came_in = MONDAY - timedelta(seconds=2)
    live(engine, book, verdict(shortage()), event_at=came_in)
    (kept,) = rows(engine, select(alert))
    assert {name: kept[name] for name in ("partition", "subject_kind", "subject_key", "kind", "state", "severity")} == {
        "partition": "scrm.events.v1/0",
        "subject_kind": "material",
        "subject_key": "BSL/API-7",
        "kind": "material_shortage",
        "state": "open",
        "severity": Severity.WARNING,
    }
    assert kept["opened_at"] == kept["changed_at"] == MONDAY
    assert kept["evidence"] == ["erp 17", "erp 9"]
    assert kept["factors"][0] == {
        "name": "days_of_supply", "value": "28 d", "reference": "90 d", "share": 44.4, "lowers_to": 0.0,
    }  # fmt: skip
    (transition,) = rows(engine, select(alert_transition))
    assert transition == {
        "alert_id": kept["id"],
        "number": 1,
        "transition": "opened",
        "from_severity": None,
        "to_severity": 2,
        "score": 74.0,
        "at": MONDAY,
        "cause": "erp 17",
    }
    (told,) = rows(engine, select(alert_news))
    assert told == {"alert_id": kept["id"], "number": 1, "at": MONDAY, "event_at": came_in}
    (entry,) = rows(engine, select(audit))
    assert (entry["chain"], entry["sequence"], entry["action"], entry["object"]) == (
        "scrm.events.v1/0",
        1,
        "alert.opened",
        f"alert/{kept['id']}",
    )
    assert entry["old"] is None
    assert entry["new"] == {"state": "open", "severity": 2, "impact_on": kept["impact_on"].isoformat()}


def test_the_same_verdict_again_writes_nothing(engine):
    book = a_book(engine)
    live(engine, book, verdict(shortage()))
    again = book.observe([verdict(shortage())], MONDAY + timedelta(hours=1))
    assert [again.opened, again.followed, again.resolved, again.transitions] == [{}, {}, {}, []]
    assert again.news == again.audits == []


def test_every_rise_and_fall_is_news_for_the_desk(engine):
    book = a_book(engine)
    for severity in (Severity.WATCH, Severity.WARNING, Severity.CRITICAL, Severity.WATCH):
        live(engine, book, verdict(shortage(severity)))
    live(engine, book, verdict())
    assert news(engine) == [(1, "opened"), (2, "worse"), (3, "worse"), (4, "better"), (5, "resolved")]


def test_a_new_owner_of_the_partition_goes_on_where_the_old_one_stopped(engine):
    live(engine, a_book(engine), verdict(shortage()))
    successor = a_book(engine)
    assert successor.open_alerts() == {("material_shortage", Severity.WARNING): 1}
    assert not live(engine, successor, verdict(shortage())).transitions
    live(engine, successor, verdict())
    assert news(engine) == [(1, "opened"), (2, "resolved")]
    assert [entry["sequence"] for entry in rows(engine, select(audit).order_by(audit.c.sequence))] == [1, 2]
    assert successor.open_alerts() == {}


def test_a_batch_that_was_rolled_back_gives_the_same_ids_again(engine):
    book = a_book(engine)
    first = book.observe([verdict(shortage())], MONDAY)
    connection = engine.connect()
    transaction = connection.begin()
    first.write(connection)
    transaction.rollback()
    connection.close()
    second = live(engine, book, verdict(shortage()))
    assert first.opened.keys() == second.opened.keys()
    assert [row["hash"] for row in first.audits] == [row["hash"] for row in rows(engine, select(audit))]


def test_a_risk_that_is_back_soon_opens_the_same_alert_again(engine):
    book = a_book(engine)
    live(engine, book, verdict(shortage()))
    live(engine, book, verdict(), at=MONDAY + timedelta(hours=1))
    live(engine, book, verdict(shortage(Severity.CRITICAL)), at=MONDAY + timedelta(hours=3))
    (kept,) = rows(engine, select(alert))
    assert (kept["state"], kept["severity"], kept["opened_at"]) == ("open", Severity.CRITICAL, MONDAY)
    assert (kept["resolved_at"], kept["resolved_reason"], kept["transitions"]) == (None, None, 3)
    assert news(engine) == [(1, "opened"), (2, "resolved"), (3, "reopened")]


def test_a_risk_that_is_back_later_is_another_alert(engine):
    book = a_book(engine)
    live(engine, book, verdict(shortage()))
    live(engine, book, verdict(), at=MONDAY + timedelta(hours=1))
    live(engine, book, verdict(shortage()), at=MONDAY + timedelta(hours=3, minutes=1))
    assert [row["state"] for row in rows(engine, select(alert).order_by(alert.c.opened_at))] == ["resolved", "open"]


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_a_new_owner_of_the_partition_opens_again_what_the_old_one_would_have(engine, hours):
    first = a_book(engine)
    live(engine, first, verdict(shortage(), subject=LOT), verdict(shortage()))
    live(engine, first, verdict(subject=LOT), at=MONDAY + timedelta(minutes=1))
    back = verdict(shortage(), subject=LOT)
    at = MONDAY + timedelta(hours=hours)
    successor = a_book(engine)
    assert {k: v["transitions"] for k, v in successor.observe([back], at).opened.items()} == {
        k: v["transitions"] for k, v in first.observe([back], at).opened.items()
    }
    assert successor.observe([back], at).reopened == first.observe([back], at).reopened


def test_within_one_batch_a_risk_may_come_and_go(engine):
    book = a_book(engine)
    live(engine, book, verdict(shortage()))
    live(engine, book, verdict(), verdict(shortage()))
    live(engine, book, verdict())
    live(engine, book, verdict(shortage()), verdict(), verdict(shortage(Severity.CRITICAL)))
    (kept,) = rows(engine, select(alert))
    assert (kept["state"], kept["severity"], kept["transitions"]) == ("open", Severity.CRITICAL, 7)
    assert [number for number, _ in news(engine)] == [1, 2, 3, 4, 5, 6, 7]


def test_of_two_findings_of_a_kind_the_worse_one_makes_the_alert(engine):
    book = a_book(engine)
    mild, bad = shortage(Severity.WATCH), shortage(Severity.CRITICAL, rule="another-rule")
    live(engine, book, verdict(mild, bad, mild))
    (kept,) = rows(engine, select(alert))
    assert (kept["severity"], kept["rule"]) == (Severity.CRITICAL, "another-rule")


def test_kinds_of_risk_and_subjects_have_alerts_of_their_own(engine):
    book = a_book(engine)
    expiry = shortage(kind="expiry")
    live(engine, book, verdict(shortage(), expiry), verdict(expiry, subject=LOT))
    assert len(rows(engine, select(alert).where(alert.c.state == "open"))) == 3
    live(engine, book, verdict(expiry))
    left = rows(engine, select(alert.c.subject_kind, alert.c.kind).where(alert.c.state == "open"))
    assert sorted(tuple(row.values()) for row in left) == [("lot", "expiry"), ("material", "expiry")]


def test_figures_that_moved_are_in_the_row_and_no_news(engine):
    book = a_book(engine)
    live(engine, book, verdict(shortage()))
    later = MONDAY + timedelta(days=1)
    live(engine, book, verdict(shortage(score=80.0, summary="120 kg short of API-7")), at=later)
    (kept,) = rows(engine, select(alert))
    assert (kept["score"], kept["summary"], kept["changed_at"]) == (80.0, "120 kg short of API-7", later)
    assert news(engine) == [(1, "opened")]


def test_the_database_refuses_a_second_open_alert_of_one_kind_on_one_subject(engine):
    live(engine, a_book(engine), verdict(shortage()))
    (kept,) = rows(engine, select(alert))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(alert).values(kept | {"id": "another"}))


def test_partitions_do_not_see_the_alerts_of_each_other(engine):
    live(engine, a_book(engine), verdict(shortage(), subject=STOCK))
    assert a_book(engine, partition="scrm.events.v1/1").open_alerts() == {}
