"""Any course of alerts: rules, time and people in any order, with clocks that jump and desks that are killed.

After each step the desk works until nothing is due, and all that must always hold is looked at in the database.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, select

from alerting.life.course import Occasion, State
from alerting.life.people import Acknowledge, Act, Judge, NotPossibleError, Resolve, Snooze, Wake
from alerting.tables import alert, alert_handling, alert_history, alert_news, message_alert, silence, telling
from risk_rules.findings import Severity, Subject
from tests.integration.alerting.office import ADA, Office
from tests.unit.alerting.findings import shortage, verdict

SUBJECTS = tuple(
    Subject(kind="material", key=f"{site}/{code}", partner="acme", site=site, material=code)
    for site, code in (("BSL", "API-7"), ("BSL", "SALT"), ("TAR", "SALT"))
)
KINDS = ("shortage", "silent")

_PEOPLE = """
receivers:
  planners: {{address: "json://localhost/1"}}
  manager: {{address: "json://localhost/2", most_per_hour: 6}}
  night: {{address: "json://localhost/3", zone: Europe/Zurich, quiet: {{hours: "20:00-07:00"}}}}
  director: {{address: "json://localhost/4", digest: {{at: "08:00"}}}}
policies:
  urgent: {{steps: [{{wait: 15m, to: [manager, night]}}, {{wait: 30m, to: director}}], repeat: 1, every: 1h, last: director}}
  slow: {{steps: [{{wait: 1d, to: manager}}], every: 1d, last: director}}
{route}
inhibitions:
  - {{name: silent feed, source: kind=silent, target: kind=shortage, equal: [site]}}
flapping: {{changes: 6, within: 1d, calm: 6h}}
"""

ROUTES = (
    "route: {to: planners, policy: urgent, group_by: [], group_wait: 0s, digest: []}",
    "route: {to: [planners, night], policy: slow, group_by: [site], group_wait: 30s, group_interval: 5m, digest: [watch],"
    " routes: [{match: severity>=critical, to: [manager, night], policy: urgent, group_wait: 0s, digest: []}]}",
    "route: {to: night, policy: slow, group_by: [kind], group_wait: 0s, group_interval: 10m, digest: [watch]}",
)
CONFIGURATIONS = tuple(_PEOPLE.format(route=route) for route in ROUTES)

SPANS = st.sampled_from([30, 60, 900, 3_600, 7_200, 30_000, 86_400, 1_814_400]).map(lambda s: timedelta(seconds=s))
subjects, kinds = st.sampled_from(SUBJECTS), st.sampled_from(KINDS)


class Courses(RuleBasedStateMachine):
    """`begin` gives each example an empty database."""

    begin: ClassVar[Callable[[], Engine]]
    steps: ClassVar[int] = 0

    @initialize(text=st.sampled_from(CONFIGURATIONS))
    def open_the_office(self, text: str) -> None:
        self.engine = type(self).begin()
        self.office = Office(self.engine, text)

    # --- what happens ---

    @rule(subject=subjects, kind=kinds, severity=st.none() | st.sampled_from(Severity))
    def find(self, subject: Subject, kind: str, severity: Severity | None) -> None:
        """The rules say what they find of a subject, of both kinds."""
        self._hear(subject, kind, severity)
        self.office.work()

    @rule(
        subject=subjects, kind=kinds, severities=st.lists(st.none() | st.sampled_from(Severity), min_size=2, max_size=7)
    )
    def find_while_the_desk_is_away(self, subject: Subject, kind: str, severities: list[Severity | None]) -> None:
        for severity in severities:
            self._hear(subject, kind, severity)
            self.office.now += timedelta(seconds=1)
        self.office.work()

    @rule(subject=subjects, kind=kinds, severity=st.none() | st.sampled_from(Severity), data=st.data())
    def act_before_the_desk_knows(
        self, subject: Subject, kind: str, severity: Severity | None, data: st.DataObject
    ) -> None:
        """What a person does comes between a transition and the desk's taking it."""
        self._hear(subject, kind, severity)
        if found := self._alerts():
            self._act(data.draw(st.sampled_from(found)), Acknowledge(self.office.now + timedelta(hours=1), "mine"))
        self.office.work()

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.office.wait(span)

    @rule(minutes=st.integers(1, 60))
    def the_clock_goes_back(self, minutes: int) -> None:
        self.office.wait(timedelta(minutes=-minutes))

    @rule()
    def another_process_takes_over(self) -> None:
        self.office.restart()
        self.office.work()

    @rule(text=st.sampled_from(CONFIGURATIONS))
    def another_file_holds(self, text: str) -> None:
        self.office.configure(text)
        self.office.work()

    @precondition(lambda self: self._alerts())
    @rule(data=st.data(), hours=st.sampled_from([0.25, 2, 50, 500]), which=st.sampled_from([Acknowledge, Snooze]))
    def somebody_takes_it(self, data: st.DataObject, hours: float, which: type[Acknowledge] | type[Snooze]) -> None:
        until = self.office.now + timedelta(hours=hours)
        self._act(data.draw(st.sampled_from(self._alerts())), which(until, "on my desk"))

    @precondition(lambda self: self._alerts())
    @rule(data=st.data(), act=st.sampled_from([Wake("not mine"), Resolve("ordered"), Judge(False, "wrong count")]))
    def somebody_acts(self, data: st.DataObject, act: Act) -> None:
        self._act(data.draw(st.sampled_from(self._alerts())), act)

    @rule(
        spoken=st.sampled_from(["kind=shortage", "site=BSL", "severity>=warning", "material=SALT"]),
        hours=st.sampled_from([0.5, 4, 100]), kind=st.sampled_from(["silence", "maintenance"]),
    )  # fmt: skip
    def somebody_silences(self, spoken: str, hours: float, kind: str) -> None:
        self.office.silence(spoken, hours=hours, kind=kind)
        self.office.work()

    @precondition(lambda self: self._silences())
    @rule(data=st.data())
    def somebody_ends_a_silence(self, data: st.DataObject) -> None:
        identifier = data.draw(st.sampled_from(self._silences()))
        self.office.desk.end_silence(identifier, ADA, "done", self.office.now)
        self.office.work()

    # --- what must hold ---

    @invariant()
    def the_database_is_right(self) -> None:
        if not hasattr(self, "office"):
            return
        type(self).steps += 1
        rows = self.office.rows
        handlings = {row["alert_id"]: row for row in rows(select(alert_handling))}
        alerts = {row["id"]: row for row in rows(select(alert))}
        assert not rows(select(alert_news))
        assert handlings.keys() == alerts.keys()
        self._one_open_alert_for_each_key(alerts)
        for alert_id, row in handlings.items():
            self._is_legal(row, alerts[alert_id])
            self._has_its_next_action(row)
        self._histories_are_complete(handlings)
        self._nobody_waits_for_an_end(handlings)

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.engine.dispose()

    @staticmethod
    def _one_open_alert_for_each_key(alerts: dict[str, Any]) -> None:
        keys = [(row["subject_key"], row["kind"]) for row in alerts.values() if row["state"] == "open"]
        assert len(keys) == len(set(keys))

    @staticmethod
    def _is_legal(row: dict[str, Any], found: dict[str, Any]) -> None:
        state, taken = State(row["state"]), (State.ACKNOWLEDGED, State.SNOOZED)
        assert row["seen"] == found["transitions"]
        assert row["course"]["firing"] == (found["state"] == "open")
        assert (row["person"] is not None) == (row["until"] is not None) == (state in taken)
        if not row["course"]["firing"]:
            assert state is State.RESOLVED
        assert row["held_by"] is None or state is State.OPEN

    def _has_its_next_action(self, row: dict[str, Any]) -> None:
        due, course = row["next_action_at"], row["course"]
        if row["state"] != "resolved" or course.get("flaps_until"):
            assert due is not None, "something is pending and nothing will happen"
        assert due is None or due > self.office.now, "something was due and did not happen"

    def _histories_are_complete(self, handlings: dict[str, Any]) -> None:
        lines: dict[str, list[dict[str, Any]]] = {alert_id: [] for alert_id in handlings}
        for row in self.office.rows(select(alert_history).order_by(alert_history.c.number)):
            lines[row["alert_id"]].append(row)
        for alert_id, history in lines.items():
            row = handlings[alert_id]
            assert [line["number"] for line in history] == list(range(1, row["course"]["entries"] + 1))
            taken = [
                line["detail"]["number"] for line in history if line["cause"] == "event" and "number" in line["detail"]
            ]
            assert taken == list(range(1, row["seen"] + 1))
            for line in history:
                if line["cause"] == "person":
                    assert line["reason"], line["detail"]["authenticated"]
                else:
                    assert line["actor"] == {"event": "rules", "time": "time"}[line["cause"]]
            assert _state_by(history) == row["state"], [line["action"] for line in history]

    def _nobody_waits_for_an_end(self, handlings: dict[str, Any]) -> None:
        """Whoever was told of an alert that is over hears so, and is written down as one who has yet to until then."""
        of = telling.c
        known: dict[tuple[str, str], str] = {}
        told = select(of.alert_id, of.receiver, of.occasion, message_alert.c.number).join(
            message_alert, (message_alert.c.message_id == of.message_id) & (message_alert.c.alert_id == of.alert_id)
        )
        for row in self.office.rows(told.where(of.outcome == "told").order_by(message_alert.c.number)):
            known[row["alert_id"], row["receiver"]] = row["occasion"]
        waiting = {
            (row["alert_id"], row["receiver"], row["occasion"]): row["due_at"]
            for row in self.office.rows(select(telling).where(of.outcome == "waiting"))
        }
        assert all(due > self.office.now for due in waiting.values())
        for alert_id, handling in handlings.items():
            unaware = {who for (which, who), last in known.items() if which == alert_id and last != Occasion.RESOLVED}
            assert unaware == set(handling["course"].get("knows", ()))
            if handling["state"] == "resolved" and not handling["course"].get("flaps_until"):
                assert all((alert_id, who, "resolved") in waiting for who in unaware), "a resolve was lost"
            if (
                handling["state"] == "open"
                and handling["held_by"] is None
                and not handling["course"].get("flaps_until")
            ):
                mine = {which for which, *_ in (*known, *waiting)}
                assert alert_id in mine, "nobody was told, and nobody will be"

    # --- parts ---

    def _hear(self, subject: Subject, kind: str, severity: Severity | None) -> None:
        """The subject's other kind of risk stays as it is."""
        standing = {
            row["kind"]: Severity(row["severity"])
            for row in self.office.rows(
                select(alert).where(alert.c.subject_key == subject.key, alert.c.state == "open")
            )
        }
        standing.pop(kind, None)
        if severity is not None:
            standing[kind] = severity
        self.office.hear(verdict(*(shortage(one, kind=name) for name, one in standing.items()), subject=subject))

    def _act(self, alert_id: str, act: Act) -> None:
        state = self.office.handling(alert_id)["state"] if self._is_known(alert_id) else None
        try:
            self.office.act(alert_id, act)
        except NotPossibleError:
            assert state in (None, "resolved", "open") or isinstance(act, Acknowledge)
        self.office.work()

    def _is_known(self, alert_id: str) -> bool:
        mine = alert_handling.c.alert_id == alert_id
        return bool(self.office.rows(select(alert_handling.c.alert_id).where(mine)))

    def _alerts(self) -> list[str]:
        """The alerts, oldest first, as far back as people would look."""
        rows = self.office.rows(
            select(alert.c.id).order_by(alert.c.opened_at.desc(), alert.c.subject_key, alert.c.kind)
        )
        return [row["id"] for row in rows[:8]][::-1]

    def _silences(self) -> list[str]:
        rows = self.office.rows(select(silence.c.id).where(silence.c.ended_at.is_(None)).order_by(silence.c.created_at))
        return [row["id"] for row in rows]


_BECOMES = {
    "opened": "open", "reopened": "open", "worse": "open", "resolved": "resolved", "acknowledge": "acknowledged",
    "snooze": "snoozed", "wake": "open", "acknowledgement_ended": "open", "snooze_ended": "open", "resolve": "resolved",
}  # fmt: skip


def _state_by(history: list[dict[str, Any]]) -> str:
    """The state that the lines of a history lead to, and that its reader would believe in."""
    state = "resolved"
    for line in history:
        state = _BECOMES.get(line["action"], state)
    return state
