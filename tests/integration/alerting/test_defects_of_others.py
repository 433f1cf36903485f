"""What goes wrong in other tools, one test for each; the docstrings say what protects, and how to see the test fail.

The numbers are of issues of Prometheus Alertmanager, Grafana OnCall, Keep, Alerta and Apache Flink. Their delivery to a
receiver that is away is in test_dispatch, reading stock that nothing refreshes (OpenBoxes 4742) in the ledger's
test_known_defects. `python -m tests.acceptance.protections` takes each protection out and sees its test fail.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from alerting.desk.desk import Desk
from alerting.life.people import Acknowledge, NotPossibleError, Wake
from alerting.tables import alert, alert_handling, alert_history, outbox
from risk_rules.findings import Severity, Subject
from tests.integration.alerting.office import ADA, AT_ONCE, ESCALATING, Office, stocks
from tests.unit.alerting.findings import shortage, verdict

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

INHIBITED = """
receivers: {planners: {address: "json://localhost"}}
route: {to: planners, group_by: [], group_wait: 0s, digest: []}
inhibitions: [{name: silent feed, source: kind=silent, target: kind=material_shortage, equal: [%s]}]
"""


def test_a_restart_and_a_reload_lose_no_resolve(engine: Engine) -> None:
    """Alertmanager 2370, 3097. Who knows of an alert is kept with it (`Handling.knows`).

    To see it fail: leave `knows` out of `casebook._Course`.
    """
    office = Office(engine)
    office.shortage()
    office.configure(ESCALATING)
    office.restart()
    office.find()
    assert office.told() == [("planners", "opened"), ("planners", "resolved")]


def test_replicas_and_reloads_tell_nothing_twice(engine: Engine) -> None:
    """Alertmanager 4108, 2222, 1005, 2492. Desks work in one transaction at a time, and take news away with what they make of it.

    To see it fail: take `alone` out of `Desk._begin` (on PostgreSQL), or the `delete` out of `_take_news`.
    """
    office = Office(engine)
    office.work()
    for subject in stocks(20):
        office.hear(verdict(shortage(), subject=subject))
    desks = [Desk(engine, lambda: office.configuration) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda desk: desk.work(office.now), desks))
    office.configure(AT_ONCE % "{match: site=BSL, to: planners}")
    office.restart()
    office.wait(HOUR)
    assert office.told() == [("planners", "opened")] * 20


def test_what_was_muted_while_it_fired_is_told_after_the_mute(engine: Engine) -> None:
    """Alertmanager 3367, 2496, 3664. What is held back stays owed, and a silence's end looks at it again.

    To see it fail: leave `notify` out of `handling._release`.
    """
    office = Office(engine)
    office.silence("kind=material_shortage", hours=1)
    shortage = office.shortage()
    assert office.told(shortage) == []
    office.wait(HOUR)
    assert office.told(shortage) == [("planners", "released")]


def test_the_resolve_of_a_muted_alert_reaches_whoever_was_told(engine: Engine) -> None:
    """Alertmanager 2496, OnCall 5359 (stuck firing). An end is never held back.

    To see it fail: let `handling._tell_the_end` ask for `around.held`.
    """
    office = Office(engine)
    shortage = office.shortage()
    office.silence("kind=material_shortage", hours=10)
    office.find()
    assert office.told(shortage) == [("planners", "opened"), ("planners", "resolved")]


def test_an_acknowledgement_stops_the_escalation(engine: Engine) -> None:
    """Alertmanager 1860. Acknowledged, an alert has no step that is due.

    To see it fail: leave `step_at` as it is in `handling._take`, and let `next_action_at` ask for it.
    """
    office = Office(engine, ESCALATING)
    shortage = office.shortage()
    office.act(shortage, Acknowledge(office.now + DAY, "ordered"))
    office.live(timedelta(hours=23), step=HOUR)
    assert office.told() == [("planners", "opened")]


def test_an_alert_that_comes_and_goes_is_told_of_once(engine: Engine) -> None:
    """Alertmanager 204, 3048. Its changes are counted; from the sixth on nobody hears of them until it is calm.

    To see it fail: let `handling._count` give False.
    """
    office = Office(engine)
    for _ in range(20):
        office.find(shortage())
        office.now += timedelta(minutes=5)
        office.find()
        office.now += timedelta(minutes=5)
    (flapping,) = office.ids()
    told = [occasion for _, occasion in office.told(flapping)]
    assert told == ["opened", "resolved", "reopened", "resolved", "reopened", "flapping"]
    office.wait(timedelta(hours=12))
    assert [occasion for _, occasion in office.told(flapping)] == [*told, "resolved"]


def test_a_silence_that_expired_never_comes_back_and_its_end_is_announced(engine: Engine) -> None:
    """Alertmanager 3457, 730. A silence is over when its row says so, whatever was reloaded, and its end is a message.

    To see it fail: leave `ended_at` out of `silences._end`, or `docket.post.notice`.
    """
    office = Office(engine)
    identifier = office.silence("site=BSL", hours=1)
    office.wait(HOUR)
    assert office.told() == [("planners", "notice")]
    office.restart()
    office.now -= timedelta(minutes=30)
    shortage = office.shortage()
    assert office.told(shortage) == [("planners", "opened")]
    with pytest.raises(NotPossibleError, match="already"):
        office.desk.end_silence(identifier, ADA, "again", office.now)


@pytest.mark.parametrize(("equal", "held"), [("site", True), ("product", False), ("region", False)])
def test_a_label_that_is_missing_on_both_inhibits_nothing(engine: Engine, equal: str, held: bool) -> None:
    """Alertmanager, inhibition. A missing label equals nothing, also not another missing one.

    To see it fail: leave the look for None out of `Holds._source`.
    """
    office = Office(engine, INHIBITED % equal)
    office.find(shortage(kind="silent"), subject=Subject(kind="feed", key="acme/BSL", partner="acme", site="BSL"))
    material = Subject(kind="material", key="BSL/X", partner="acme", site="BSL", material="X")
    held_back = office.shortage(subject=material)
    assert bool(office.handling(held_back)["held_by"]) == held
    assert office.told(held_back) == ([] if held else [("planners", "opened")])


def test_reminders_go_on_for_as_long_as_nobody_takes_the_alert(engine: Engine) -> None:
    """Alertmanager, repeat_interval. What is next is a row (`next_action_at`), not a log with a retention.

    To see it fail: set no `step_at` in `escalation._last`.
    """
    text = ESCALATING.replace("{steps: [{wait: 15m, to: manager}, {wait: 30m, to: director}], repeat: 1, every: 1h",
                              "{steps: [], every: 1w")  # fmt: skip
    office = Office(engine, text)
    office.shortage()
    for _ in range(10):
        office.restart()
        office.wait(timedelta(weeks=1))
    assert office.told() == [("planners", "opened"), ("director", "step"), *[("director", "reminder")] * 9]


def test_an_escalation_that_was_paused_for_a_time_goes_on(engine: Engine) -> None:
    """OnCall 1206. A held alert keeps its step, and the end of what holds it lets the step go on.

    To see it fail: leave `escalate` out of `handling._release`.
    """
    office = Office(engine, ESCALATING)
    shortage = office.shortage()
    office.silence("site=BSL", hours=2)
    office.live(timedelta(minutes=119))
    assert office.told(shortage) == [("planners", "opened")]
    office.wait(timedelta(minutes=1))
    assert office.told(shortage) == [("planners", "opened"), ("manager", "step")]


def test_an_acknowledged_alert_does_not_escalate_months_later(engine: Engine) -> None:
    """OnCall 3111. An acknowledgement has an end; then whoever is on duty hears first, and the policy begins anew.

    To see it fail: let `handling._wake` call `escalate` without `begin`.
    """
    office = Office(engine, ESCALATING)
    shortage = office.shortage()
    office.wait(timedelta(minutes=20))
    office.act(shortage, Acknowledge(office.now + 90 * DAY, "a new supplier"))
    before = office.told()
    office.live(89 * DAY, step=DAY)
    assert office.told() == before
    office.wait(DAY)
    assert office.told() == [*before, ("planners", "woken")]
    office.find()
    after = office.told()
    office.live(365 * DAY, step=30 * DAY)
    assert office.told() == after


def test_an_acknowledgement_that_races_a_resolve_leaves_it_resolved(engine: Engine) -> None:
    """OnCall 3161. An act first takes the news of its alert, in the same transaction.

    To see it fail: leave `_take_news` out of `Desk.act`.
    """
    office = Office(engine)
    shortage = office.shortage()
    office.hear(verdict())
    with pytest.raises(NotPossibleError, match="resolved already"):
        office.act(shortage, Acknowledge(office.now + DAY, "mine"))
    office.work()
    assert office.handling(shortage)["state"] == "resolved"
    assert office.told(shortage) == [("planners", "opened"), ("planners", "resolved")]


def test_the_end_of_a_maintenance_is_told_with_what_it_held(engine: Engine) -> None:
    """OnCall 3133. The end of a maintenance is a message to whoever is told of what it spoke of.

    To see it fail: let `silences._concerned` give the author only.
    """
    office = Office(engine)
    office.silence("site=BSL", hours=3, kind="maintenance")
    office.shortage()
    office.wait(3 * HOUR)
    assert sorted(office.told()) == [("planners", "notice"), ("planners", "released")]
    (body,) = [row["body"] for row in office.rows(select(outbox.c.body).where(outbox.c.kind == "notice"))]
    assert "maintenance of ada" in body
    assert "1" in body


def test_the_same_risk_is_one_alert_and_another_risk_is_another(engine: Engine) -> None:
    """Keep 6793, 4766, 5251, 1549. The key is the subject and the kind; the database allows one open alert of a key.

    To see it fail: drop the index `alert_one_open`.
    """
    office = Office(engine)
    for score in (70.0, 80.0, 90.0):
        office.find(shortage(score=score, summary=f"score {score}"))
    for subject in stocks(50):
        office.find(shortage(), subject=subject)
    (count,) = office.rows(select(func.count().label("n")).select_from(alert))
    assert count["n"] == 51
    (row,) = [row for row in office.rows(select(alert)) if row["subject_key"] == "BSL/API-7"]
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(alert).values(row | {"id": "another"}))


def test_a_history_is_never_cut(engine: Engine) -> None:
    """Alerta caps the history and drops acknowledgements from it. Ours is a table that is only added to.

    To see it fail: delete old lines in `Docket.write`.
    """
    office = Office(engine)
    shortage = office.shortage()
    for number in range(150):
        office.act(shortage, Acknowledge(office.now + DAY, f"look {number}"))
        office.act(shortage, Wake("not done"))
    lines = office.rows(select(alert_history).where(alert_history.c.alert_id == shortage))
    assert sorted(line["number"] for line in lines) == list(range(1, 302))
    assert len([line for line in lines if line["action"] == "acknowledge"]) == 150


def test_a_step_is_due_though_no_event_comes(engine: Engine) -> None:
    """Flink 15160. The desk goes by the wall clock, and asks the database what is due.

    To see it fail: let `Desk.work` look for news only.
    """
    office = Office(engine, ESCALATING)
    office.shortage(Severity.CRITICAL)
    office.wait(timedelta(minutes=15))
    office.wait(timedelta(minutes=30))
    assert office.told() == [("planners", "opened"), ("manager", "step"), ("director", "step")]
    assert not [row for row in office.rows(select(alert_handling)) if row["next_action_at"] is None]
