"""Any course of alerts: rules, time and people in any order, with clocks that jump and processes that are killed.

There are ledgers of two partitions and two desks. After each happening the desks work until nothing is due, and all that
must always hold is looked at in the database (`course_invariants`).
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, select

from alerting.audit.walk import Walk
from alerting.life.people import Acknowledge, Act, Judge, NotPossibleError, Resolve, Snooze, Wake
from alerting.matchers import parse as matcher
from alerting.tables import alert, alert_handling, silence
from risk_rules.findings import Severity, Subject, Verdict
from tests.integration.alerting.branches import DESKS, Branches
from tests.integration.alerting.course_invariants import Stored
from tests.integration.alerting.course_outcomes import what_happened
from tests.integration.alerting.office import ADA
from tests.unit.alerting.findings import shortage, verdict

SUBJECTS = tuple(
    Subject(kind="material", key=f"{site}/{code}", partner="acme", site=site, material=code)
    for site, code in (("BSL", "API-7"), ("BSL", "SALT"), ("TAR", "SALT"))
)
KINDS = ("shortage", "silent")

_PEOPLE = """
receivers:
  planners: {{address: "json://localhost/1"}}
  manager: {{address: "json://localhost/2", most_per_hour: 3}}
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
subjects, kinds, desks = st.sampled_from(SUBJECTS), st.sampled_from(KINDS), st.integers(0, DESKS - 1)
severities = st.none() | st.sampled_from(Severity)
spoken = st.sampled_from(["kind=shortage", "site=BSL", "severity>=warning", "material=SALT"])
configurations = st.sampled_from(CONFIGURATIONS)


def happening(**given: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """A rule of the machine that counts itself by its name."""

    def made(does: Callable[..., None]) -> Any:
        @wraps(does)
        def counted(self: "Courses", **drawn: Any) -> None:
            type(self).happenings[does.__name__] += 1
            does(self, **drawn)

        return rule(**given)(counted)

    return made


class Courses(RuleBasedStateMachine):
    """`begin` gives each example an empty database. `steps`, `happenings` and `outcomes` count over all examples."""

    begin: ClassVar[Callable[[], Engine]]
    steps: ClassVar[int] = 0
    happenings: ClassVar[Counter[str]]
    outcomes: ClassVar[Counter[str]]

    @initialize(text=configurations)
    def open_the_office(self, text: str) -> None:
        self.office = Branches(type(self).begin(), text)
        self.walks: dict[str, Walk] = {}

    # --- the rules ---

    @happening(subject=subjects, kind=kinds, severity=severities)
    def find(self, subject: Subject, kind: str, severity: Severity | None) -> None:
        """The rules say what they find of a subject, of both kinds."""
        self.office.hear(self._verdict(subject, kind, severity))
        self.office.work()

    @happening(subject=subjects, kind=kinds, found=st.lists(severities, min_size=2, max_size=7))
    def find_while_the_desks_are_away(self, subject: Subject, kind: str, found: list[Severity | None]) -> None:
        for severity in found:
            self.office.hear(self._verdict(subject, kind, severity))
            self.office.now += timedelta(seconds=1)
        self.office.work()

    @happening(subject=subjects)
    def find_the_same_again(self, subject: Subject) -> None:
        """Nothing changes, and nobody hears of it."""
        self.office.hear(self._verdict(subject, "", None))
        worked = self.office.work()
        assert (worked.news, worked.messages) == (0, 0)

    @happening(subject=subjects, kind=kinds, severity=severities, committed=st.booleans())
    def the_ledger_dies(self, subject: Subject, kind: str, severity: Severity | None, committed: bool) -> None:
        self.office.hear_and_die(self._verdict(subject, kind, severity), committed=committed)
        self.office.work()

    # --- time and processes ---

    @happening(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.office.wait(span)

    @happening(span=st.sampled_from([1, 20, 60, 1_500]))
    def the_clock_goes_back(self, span: int) -> None:
        self.office.wait(timedelta(minutes=-span))

    @happening(desk=st.none() | desks)
    def other_processes_take_over(self, desk: int | None) -> None:
        """One desk, or all desks and ledgers."""
        if desk is None:
            self.office.restart()
        else:
            self.office.restart_desk(desk)
        self.office.work()

    @happening(subject=subjects, kind=kinds, severity=severities, span=SPANS, desk=desks, statements=st.integers(1, 30))
    def a_desk_dies_at_work(
        self, subject: Subject, kind: str, severity: Severity | None, span: timedelta, desk: int, statements: int
    ) -> None:
        """With news, and with all that is due after so long, to work on."""
        self.office.hear(self._verdict(subject, kind, severity))
        self.office.now += span
        if self.office.die_at_work(desk, statements):
            type(self).outcomes["a desk was killed in a transaction"] += 1
        self.office.work()

    @happening(subject=subjects, kind=kinds, severity=severities, span=SPANS, data=st.data())
    def desks_work_at_the_same_time(
        self, subject: Subject, kind: str, severity: Severity | None, span: timedelta, data: st.DataObject
    ) -> None:
        """And somebody acknowledges meanwhile."""
        found = self._alerts()
        self.office.hear(self._verdict(subject, kind, severity))
        self.office.now += span
        act, until = self.office.desks[0].act, self.office.now + timedelta(hours=1)

        def acknowledge(which: str) -> None:
            try:
                act(which, Acknowledge(until, "mine"), ADA, self.office.now)
            except NotPossibleError as refused:
                assert "resolved already" in str(refused)  # noqa: PT017 - or it is done

        which = data.draw(st.sampled_from(found)) if found else None
        self.office.work_together(*([] if which is None else [lambda: acknowledge(which)]))

    @happening(text=configurations)
    def another_file_holds(self, text: str) -> None:
        self.office.configure(text)
        self.office.work()

    @happening(text=configurations, desk=desks)
    def another_file_holds_for_one_desk(self, text: str, desk: int) -> None:
        self.office.configure_one(desk, text)
        self.office.work()

    # --- people ---

    @precondition(lambda self: self._alerts())
    @happening(data=st.data(), hours=st.sampled_from([0.25, 2, 50, 500]))
    def somebody_acknowledges(self, data: st.DataObject, hours: float) -> None:
        until = self.office.now + timedelta(hours=hours)
        self._act(data.draw(st.sampled_from(self._alerts())), Acknowledge(until, "on my desk"))

    @precondition(lambda self: self._alerts())
    @happening(data=st.data(), hours=st.sampled_from([0.25, 2, 50, 500]))
    def somebody_snoozes(self, data: st.DataObject, hours: float) -> None:
        until = self.office.now + timedelta(hours=hours)
        self._act(data.draw(st.sampled_from(self._alerts())), Snooze(until, "on my desk"))

    @precondition(lambda self: self._alerts())
    @happening(data=st.data())
    def somebody_wakes(self, data: st.DataObject) -> None:
        self._act(data.draw(st.sampled_from(self._alerts())), Wake("not mine"))

    @precondition(lambda self: self._alerts())
    @happening(data=st.data())
    def somebody_resolves(self, data: st.DataObject) -> None:
        self._act(data.draw(st.sampled_from(self._alerts())), Resolve("ordered"))

    @precondition(lambda self: self._alerts())
    @happening(data=st.data(), was_true=st.booleans())
    def somebody_judges(self, data: st.DataObject, was_true: bool) -> None:
        self._act(data.draw(st.sampled_from(self._alerts())), Judge(was_true, "counted"))

    @happening(subject=subjects, kind=kinds, severity=severities, data=st.data())
    def somebody_acts_before_the_desks_know(
        self, subject: Subject, kind: str, severity: Severity | None, data: st.DataObject
    ) -> None:
        """What a person does comes between a transition and the desk's taking it."""
        self.office.hear(self._verdict(subject, kind, severity))
        if found := self._alerts():
            self._act(data.draw(st.sampled_from(found)), Acknowledge(self.office.now + timedelta(hours=1), "mine"))
        self.office.work()

    @happening(text=spoken, begins=st.sampled_from([0, 0, 3]), hours=st.sampled_from([0.5, 4, 100]))
    def somebody_silences(self, text: str, begins: int, hours: float) -> None:
        self._silence("silence", text, begins, hours)

    @happening(text=spoken, begins=st.sampled_from([0, 0, 3]), hours=st.sampled_from([0.5, 4, 100]))
    def maintenance_is_planned(self, text: str, begins: int, hours: float) -> None:
        self._silence("maintenance", text, begins, hours)

    @precondition(lambda self: self._silences())
    @happening(data=st.data())
    def somebody_ends_a_silence(self, data: st.DataObject) -> None:
        identifier = data.draw(st.sampled_from(self._silences()))
        self.office.desk.end_silence(identifier, ADA, "done", self.office.now)
        self.office.work()

    # --- what must hold ---

    @invariant()
    def the_database_is_right(self) -> None:
        if hasattr(self, "office"):
            type(self).steps += 1
            Stored(self.office, self.walks).check()

    def teardown(self) -> None:
        if hasattr(self, "office"):
            type(self).outcomes.update(what_happened(self.office))

    # --- parts ---

    def _verdict(self, subject: Subject, kind: str, severity: Severity | None) -> Verdict:
        """The subject's other kind of risk stays as it is."""
        mine = (alert.c.subject_key == subject.key) & (alert.c.state == "open")
        standing = {row["kind"]: Severity(row["severity"]) for row in self.office.rows(select(alert).where(mine))}
        if kind:
            standing.pop(kind, None)
        if severity is not None:
            standing[kind] = severity
        return verdict(*(shortage(one, kind=name) for name, one in standing.items()), subject=subject)

    def _act(self, alert_id: str, act: Act) -> None:
        state = self.office.handling(alert_id)["state"] if self._is_known(alert_id) else None
        try:
            self.office.act(alert_id, act)
        except NotPossibleError:
            assert state in (None, "resolved", "open") or isinstance(act, Acknowledge)
        self.office.work()

    def _silence(self, kind: str, text: str, begins: int, hours: float) -> None:
        begin = self.office.now + timedelta(hours=begins)
        end = begin + timedelta(hours=hours)
        self.office.desk.silence([matcher(text)], kind, begin, end, ADA, "stock count", self.office.now)
        self.office.work()

    def _is_known(self, alert_id: str) -> bool:
        mine = alert_handling.c.alert_id == alert_id
        return bool(self.office.rows(select(alert_handling.c.alert_id).where(mine)))

    def _alerts(self) -> list[str]:
        """The alerts, oldest first, as far back as people would look."""
        newest = select(alert.c.id).order_by(alert.c.opened_at.desc(), alert.c.subject_key, alert.c.kind)
        return [row["id"] for row in self.office.rows(newest.limit(8))][::-1]

    def _silences(self) -> list[str]:
        rows = self.office.rows(select(silence.c.id).where(silence.c.ended_at.is_(None)).order_by(silence.c.created_at))
        return [row["id"] for row in rows]
