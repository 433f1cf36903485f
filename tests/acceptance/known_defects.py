"""The defects of other tools (numbers of their issues), our tests of them, and what protects us: each as text to take out."""

from collections.abc import Iterator
from typing import NamedTuple

ALERTS = "tests/integration/alerting/test_defects_of_others.py"
DISPATCH = "tests/integration/alerting/test_dispatch.py"
LEDGER = "tests/integration/ledger/test_known_defects.py"
TIME = "tests/integration/ledger/test_time.py"


class Edit(NamedTuple):
    """`old`, which is there once, becomes `new`."""

    file: str
    old: str
    new: str


class Protection(NamedTuple):
    """With the edits the test fails on that database."""

    defects: str
    test: str
    edits: tuple[Edit, ...]
    database: str = "sqlite"


HANDLING = "alerting/life/handling.py"
DESK = "alerting/desk/desk.py"
SILENCES = "alerting/desk/silences.py"
ESCALATION = "alerting/life/escalation.py"
HOLDS = "alerting/desk/holds.py"
BOOK = "alerting/book.py"
OUTBOX = "alerting/delivery/outbox.py"
PARTITION = "streams/ledger/partition.py"


def protections() -> Iterator[Protection]:
    """All of them, in the order of the defects' table."""
    yield from _lost_and_doubled()
    yield from _muted_and_flapping()
    yield from _silenced_and_inhibited()
    yield from _escalating()
    yield from _merged_cut_and_stale()


def _lost_and_doubled() -> Iterator[Protection]:
    yield Protection(
        "Alertmanager 2370, 3097", f"{ALERTS}::test_a_restart_and_a_reload_lose_no_resolve",
        (Edit("alerting/desk/casebook.py", "knows=sorted(handling.knows)", "knows=[]"),),
    )  # fmt: skip
    yield Protection(
        "Alertmanager 4108", f"{DISPATCH}::test_a_service_in_trouble_is_tried_again_without_the_mark_of_a_repeat",
        (Edit(OUTBOX, "in_((State.LEASED.value, State.UNKNOWN.value))", 'in_(("leased", "unknown", "failed"))'),),
    )  # fmt: skip
    yield Protection(
        "Alertmanager 2222", f"{DISPATCH}::test_claims_from_many_threads_take_each_message_once",
        (Edit(OUTBOX, ".with_for_update(skip_locked=True)", ""),), "postgres",
    )  # fmt: skip
    replicas = f"{ALERTS}::test_replicas_and_reloads_tell_nothing_twice"
    yield Protection("Alertmanager 1005", replicas, (Edit(DESK, "        alone(connection, CHAIN)\n", ""),), "postgres")
    yield Protection(
        "Alertmanager 2492", replicas,
        (
            Edit(DESK, "connection.execute(delete(alert_news)", "(delete(alert_news)"),
            Edit(HANDLING, "if news.number <= handling.seen:", "if news.number < 0:"),
        ),
    )  # fmt: skip


def _muted_and_flapping() -> Iterator[Protection]:
    yield Protection(
        "Alertmanager 3367, 3664", f"{ALERTS}::test_what_was_muted_while_it_fired_is_told_after_the_mute",
        (Edit(HANDLING, "notify(writing, around, Occasion.RELEASED, also=handling.knows)", "pass"),),
    )  # fmt: skip
    yield Protection(
        "Alertmanager 2496, OnCall 5359", f"{ALERTS}::test_the_resolve_of_a_muted_alert_reaches_whoever_was_told",
        (Edit(
            HANDLING,
            "        case Transition.RESOLVED:\n            _end(writing)",
            "        case Transition.RESOLVED:\n            if around.held is None:\n                _end(writing)\n"
            "            else:\n                writing.change(state=State.RESOLVED)",
        ),),
    )  # fmt: skip
    yield Protection(
        "Alertmanager 1860", f"{ALERTS}::test_an_acknowledgement_stops_the_escalation",
        (
            Edit(HANDLING, "writing.change(state=state, person=person.name, until=act.until, **rest)", "pass"),
        ),
    )  # fmt: skip
    yield Protection(
        "Alertmanager 204, 3048", f"{ALERTS}::test_an_alert_that_comes_and_goes_is_told_of_once",
        (Edit(HANDLING, "if len(recent) + 1 < limits.changes:", "if limits.changes:"),),
    )  # fmt: skip


def _silenced_and_inhibited() -> Iterator[Protection]:
    silence = f"{ALERTS}::test_a_silence_that_expired_never_comes_back_and_its_end_is_announced"
    yield Protection(
        "Alertmanager 3457", silence, (Edit(SILENCES, "values(ended_at=docket.now, ended_by", "values(ended_by"),)
    )
    yield Protection(
        "Alertmanager 730", silence, (Edit(SILENCES, "docket.post.notice(", "str("),)
    )  # fmt: skip
    yield Protection(
        "Alertmanager, inhibition", f"{ALERTS}::test_a_label_that_is_missing_on_both_inhibits_nothing",
        (
            Edit(HOLDS, "        if None in values:\n            return None\n", ""),
            Edit(HOLDS, "_equals(name, str(value))", "_equals(name, value)"),
        ),
    )  # fmt: skip
    yield Protection(
        "Alertmanager, repeat_interval", f"{ALERTS}::test_reminders_go_on_for_as_long_as_nobody_takes_the_alert",
        (Edit(ESCALATION, "step_at=around.now + max(policy.every, SOONEST_REMINDER)", "step_at=None"),),
    )  # fmt: skip


def _escalating() -> Iterator[Protection]:
    yield Protection(
        "OnCall 1206", f"{ALERTS}::test_an_escalation_that_was_paused_for_a_time_goes_on",
        (Edit(
            HANDLING,
            "    due = writing.handling.step_at\n    if due is not None and due <= around.now:\n"
            "        escalate(writing, around)\n",
            "    writing.change(step_at=None)\n",
        ),),
    )  # fmt: skip
    yield Protection(
        "OnCall 3111", f"{ALERTS}::test_an_acknowledged_alert_does_not_escalate_months_later",
        (Edit(
            HANDLING,
            "    begin(writing, around)\n    notify(writing, around, Occasion.WOKEN)",
            "    escalate(writing, around)\n    notify(writing, around, Occasion.WOKEN)",
        ),),
    )  # fmt: skip
    yield Protection(
        "OnCall 3161", f"{ALERTS}::test_an_acknowledgement_that_races_a_resolve_leaves_it_resolved",
        (Edit(DESK, "            _take_news(docket, alert_id)\n", ""),),
    )  # fmt: skip
    yield Protection(
        "OnCall 3133", f"{ALERTS}::test_the_end_of_a_maintenance_is_told_with_what_it_held",
        (Edit(SILENCES, "return behind | {ended.author}", "return {ended.author}"),),
    )  # fmt: skip


def _merged_cut_and_stale() -> Iterator[Protection]:
    one_alert = f"{ALERTS}::test_the_same_risk_is_one_alert_and_another_risk_is_another"
    yield Protection(
        "Keep 6793", one_alert,
        (Edit(BOOK, "step = advance(was, finding, at, identifier)", "step = advance(None, finding, at, identifier)"),),
    )  # fmt: skip
    yield Protection(
        "Keep 4766", one_alert,
        (Edit(BOOK, "key = (verdict.subject.kind, verdict.subject.key)", 'key = (verdict.subject.kind, "")'),),
    )  # fmt: skip
    yield Protection("Keep 5251, 1549", one_alert, (Edit("alerting/tables.py", "        unique=True,\n", ""),))
    yield Protection(
        "Alerta", f"{ALERTS}::test_a_history_is_never_cut",
        (Edit(
            "alerting/desk/docket.py",
            "self.connection.execute(insert(alert_history), self._lines)",
            "self.connection.execute(insert(alert_history), self._lines)\n            last = self._lines[-1]\n"
            '            old = alert_history.c.number < last["number"] - 100\n'
            "            self.connection.execute(alert_history.delete().where(old))",
        ),),
    )  # fmt: skip
    snapshot = f"{LEDGER}::test_a_stock_alert_reads_no_snapshot_that_somebody_must_refresh"
    yield Protection(
        "OpenBoxes 4742", snapshot,
        (Edit(PARTITION, "                self.evaluate(asked, self._now)\n", ""),),
    )  # fmt: skip
    looks = "standing.deadlines.due(now) if standing.guides.clock is Clock.WALL else []"
    yield Protection("OpenBoxes 4742", snapshot, (Edit(PARTITION, looks, "list[SubjectKey]()"),))
    yield Protection(
        "Flink 15160", f"{ALERTS}::test_a_step_is_due_though_no_event_comes",
        (Edit(DESK, "due, more_due = _take_due(docket)", "due, more_due = 0, False"),),
    )  # fmt: skip
    yield Protection(
        "Flink 15160", f"{TIME}::test_an_overdue_shipment_is_found_when_time_passes_and_not_before",
        (Edit(PARTITION, looks, "list[SubjectKey]()"),),
    )  # fmt: skip
