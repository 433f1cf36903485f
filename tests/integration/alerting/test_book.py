from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from alerting.book import AlertBook
from alerting.receivers import Receiver, Routing
from alerting.tables import alert, alert_transition, audit, outbox
from risk_rules.findings import Severity, Subject
from tests.unit.alerting.findings import MONDAY, STOCK, shortage, verdict

PLANNER = Receiver(name="planner", address="json://localhost")
MANAGER = Receiver(name="manager", address="json://localhost", minimum=Severity.CRITICAL)
OTHERS = Receiver(name="others", address="json://localhost", sites=frozenset({"ELSEWHERE"}))
LOT = Subject(kind="lot", key="BSL/L-1", partner="acme", site="BSL", material="API-7")


def a_book(engine: Engine, *receivers: Receiver, partition: str = "scrm.events.v1/0") -> AlertBook:
    book = AlertBook(Routing(receivers))
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


def told(engine: Engine):
    statement = select(outbox.c.receiver, outbox.c.number, outbox.c.transition)
    statement = statement.order_by(outbox.c.number, outbox.c.receiver)
    return [tuple(row.values()) for row in rows(engine, statement)]


def test_an_alert_that_opens_is_kept_with_its_history_its_message_and_its_audit_entry(engine):
    book = a_book(engine, PLANNER, MANAGER, OTHERS)
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
    (message,) = rows(engine, select(outbox))
    assert (message["receiver"], message["state"], message["event_at"]) == ("planner", "pending", came_in)
    assert message["title"] == "Warning: Material shortage, API-7 at BSL"
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
    book = a_book(engine, PLANNER)
    live(engine, book, verdict(shortage()))
    again = book.observe([verdict(shortage())], MONDAY + timedelta(hours=1))
    assert [again.opened, again.followed, again.resolved, again.transitions] == [{}, {}, {}, []]
    assert again.messages == again.audits == []


def test_a_rise_is_told_to_those_who_want_it_and_good_news_to_those_who_had_the_bad(engine):
    book = a_book(engine, PLANNER, MANAGER)
    for severity in (Severity.WATCH, Severity.WARNING, Severity.CRITICAL, Severity.WATCH):
        live(engine, book, verdict(shortage(severity)))
    live(engine, book, verdict())
    assert told(engine) == [
        ("planner", 2, "worse"),
        ("manager", 3, "worse"),
        ("planner", 3, "worse"),
        ("manager", 4, "better"),
        ("planner", 4, "better"),
        ("manager", 5, "resolved"),
        ("planner", 5, "resolved"),
    ]


def test_an_alert_for_the_list_only_tells_nobody_not_even_its_end(engine):
    book = a_book(engine, PLANNER)
    live(engine, book, verdict(shortage(Severity.WATCH)))
    live(engine, book, verdict())
    assert told(engine) == []
    (kept,) = rows(engine, select(alert))
    assert (kept["state"], kept["resolved_at"]) == ("resolved", MONDAY)


def test_a_new_owner_of_the_partition_goes_on_where_the_old_one_stopped(engine):
    live(engine, a_book(engine, PLANNER, MANAGER), verdict(shortage()))
    successor = a_book(engine, PLANNER, MANAGER)
    assert successor.open_alerts() == {("material_shortage", Severity.WARNING): 1}
    assert not live(engine, successor, verdict(shortage())).transitions
    live(engine, successor, verdict())
    assert told(engine) == [("planner", 1, "opened"), ("planner", 2, "resolved")]
    assert [entry["sequence"] for entry in rows(engine, select(audit).order_by(audit.c.sequence))] == [1, 2]
    assert successor.open_alerts() == {}


def test_a_batch_that_was_rolled_back_gives_the_same_ids_again(engine):
    book = a_book(engine, PLANNER)
    first = book.observe([verdict(shortage())], MONDAY)
    connection = engine.connect()
    transaction = connection.begin()
    first.write(connection)
    transaction.rollback()
    connection.close()
    second = live(engine, book, verdict(shortage()))
    assert first.opened.keys() == second.opened.keys()
    assert [row["id"] for row in first.messages] == [row["id"] for row in rows(engine, select(outbox))]


def test_a_risk_that_comes_back_in_the_same_instant_is_another_alert(engine):
    book = a_book(engine, PLANNER)
    live(engine, book, verdict(shortage()))
    live(engine, book, verdict(), verdict(shortage()))
    live(engine, book, verdict())
    live(engine, book, verdict(shortage()), verdict(), verdict(shortage()))
    assert [row["state"] for row in rows(engine, select(alert).order_by(alert.c.state))] == ["open"] + ["resolved"] * 3
    assert len({row["id"] for row in rows(engine, select(alert))}) == 4


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


def test_figures_that_moved_are_in_the_row_and_in_no_message(engine):
    book = a_book(engine, PLANNER)
    live(engine, book, verdict(shortage()))
    later = MONDAY + timedelta(days=1)
    live(engine, book, verdict(shortage(score=80.0, summary="120 kg short of API-7")), at=later)
    (kept,) = rows(engine, select(alert))
    assert (kept["score"], kept["summary"], kept["changed_at"]) == (80.0, "120 kg short of API-7", later)
    assert told(engine) == [("planner", 1, "opened")]


def test_a_receiver_that_is_no_longer_configured_is_not_written_to(engine):
    live(engine, a_book(engine, PLANNER, MANAGER), verdict(shortage(Severity.CRITICAL)))
    live(engine, a_book(engine, PLANNER), verdict())
    assert told(engine) == [("manager", 1, "opened"), ("planner", 1, "opened"), ("planner", 2, "resolved")]


def test_the_database_refuses_a_second_open_alert_of_one_kind_on_one_subject(engine):
    live(engine, a_book(engine), verdict(shortage()))
    (kept,) = rows(engine, select(alert))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(alert).values(kept | {"id": "another"}))


def test_partitions_do_not_see_the_alerts_of_each_other(engine):
    live(engine, a_book(engine), verdict(shortage(), subject=STOCK))
    assert a_book(engine, partition="scrm.events.v1/1").open_alerts() == {}
