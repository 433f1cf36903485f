"""What must hold in the database after any happening, once the desks have nothing left to do."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from alerting.audit.chain import chains
from alerting.audit.stored import Pages, pages
from alerting.audit.walk import Walk
from alerting.database import reading
from alerting.life.course import Occasion, State
from alerting.tables import (
    alert,
    alert_handling,
    alert_history,
    alert_judgement,
    alert_news,
    alert_transition,
    bundle,
    message_alert,
    outbox,
    silence,
    telling,
)
from tests.integration.alerting.office import Office

Row = dict[str, Any]

BECOMES = {
    "opened": "open", "reopened": "open", "worse": "open", "resolved": "resolved", "acknowledge": "acknowledged",
    "snooze": "snoozed", "wake": "open", "acknowledgement_ended": "open", "snooze_ended": "open", "resolve": "resolved",
}  # fmt: skip
"""The state that a line of a history leads to, whatever it was before."""


class Stored:
    """All tables as they are now, and the statements about them. `walks`: how far each audit chain was checked before."""

    def __init__(self, office: Office, walks: dict[str, Walk]) -> None:
        self.now: datetime = office.now
        with reading(office.engine) as connection:

            def rows(statement: Select[Any]) -> list[Row]:
                return [dict(row) for row in connection.execute(statement).mappings()]

            self.alerts: dict[str, Row] = {row["id"]: row for row in rows(select(alert))}
            self.handlings: dict[str, Row] = {row["alert_id"]: row for row in rows(select(alert_handling))}
            self.histories = _by_alert(rows(select(alert_history).order_by(alert_history.c.number)))
            self.transitions = _by_alert(rows(select(alert_transition).order_by(alert_transition.c.number)))
            self.judged = _by_alert(rows(select(alert_judgement)))
            self.tellings = rows(select(telling))
            self.messages = {row["id"]: row for row in rows(select(outbox))}
            self.contents = {(row["message_id"], row["alert_id"]): row["number"] for row in rows(select(message_alert))}
            self.bundles = {row["id"]: row for row in rows(select(bundle))}
            self.silences = {row["id"]: row for row in rows(select(silence))}
            self.news = rows(select(alert_news))
            self._chains = list(chains(connection))
        self._pages: Pages = pages(office.engine)
        self._walks = walks

    def check(self) -> None:
        """All of it."""
        assert not self.news
        assert self.handlings.keys() == self.alerts.keys()
        self._one_open_alert_for_each_key()
        for alert_id, row in self.handlings.items():
            self._is_legal(row, self.alerts[alert_id])
            self._has_its_next_action(row)
            self._is_held_by_what_holds(row)
            self._history_is_complete(alert_id, row)
        self._silences_end()
        self._decisions_are_kept()
        self._nobody_waits_for_an_end()
        self._the_trail_is_whole()

    def _one_open_alert_for_each_key(self) -> None:
        keys = [
            (row["subject_kind"], row["subject_key"], row["kind"])
            for row in self.alerts.values()
            if row["state"] == "open"
        ]
        assert len(keys) == len(set(keys))

    def _is_legal(self, row: Row, found: Row) -> None:
        state, taken, course = State(row["state"]), (State.ACKNOWLEDGED, State.SNOOZED), row["course"]
        assert row["seen"] == found["transitions"] == len(self.transitions[found["id"]])
        assert course["firing"] == (found["state"] == "open") == (found["resolved_at"] is None)
        assert course["severity"] == found["severity"]
        assert (row["person"] is not None) == (row["until"] is not None) == (state in taken)
        if not course["firing"]:
            assert state is State.RESOLVED
        assert row["held_by"] is None or state is State.OPEN
        if state is State.OPEN and row["held_by"] is None:
            assert course.get("step_at") is not None, "it rests with nobody, and no step will come"

    def _has_its_next_action(self, row: Row) -> None:
        due, course = row["next_action_at"], row["course"]
        if row["state"] != "resolved" or course.get("flaps_until"):
            assert due is not None, "something is pending and nothing will happen"
        assert due is None or due > self.now, "something was due and did not happen"

    def _is_held_by_what_holds(self, row: Row) -> None:
        if row["held_by"] is None:
            return
        kind, _, which = row["held_by"].partition("/")
        if kind == "silence":
            assert self.silences[which]["ended_at"] is None, "a silence that is over holds it back"
        else:
            assert self.alerts[which]["state"] == "open", "an alert that is over holds it back"
            assert self.handlings[which]["state"] != "resolved", "an alert that is over holds it back"

    def _history_is_complete(self, alert_id: str, row: Row) -> None:
        history = self.histories[alert_id]
        assert [line["number"] for line in history] == list(range(1, row["course"]["entries"] + 1))
        heard = [one for one in history if one["cause"] == "event" and "number" in one["detail"]]
        made = self.transitions[alert_id]
        assert [one["number"] for one in made] == list(range(1, len(made) + 1))
        assert [(one["detail"]["number"], one["action"]) for one in heard] == [
            (one["number"], one["transition"]) for one in made
        ]
        for line in history:
            if line["cause"] == "person":
                assert line["reason"], line["detail"]["authenticated"]
            else:
                assert line["actor"] == {"event": "rules", "time": "time"}[line["cause"]]
        states = list(_states(history))
        assert states[-1] == row["state"], [line["action"] for line in history]
        assert len(self.judged[alert_id]) == sum(line["action"] == "judge" for line in history)
        for line, state in zip(history, states, strict=True):
            if line["action"] in ("step", "last"):
                assert state == "open", "it escalated in somebody's hands, or after its end"

    def _silences_end(self) -> None:
        for row in self.silences.values():
            assert row["ended_at"] is not None or row["ends_at"] > self.now, "its time is over, and nobody was told"

    def _decisions_are_kept(self) -> None:
        """A message for all who were told, a bundle for all who wait, and no message that nobody decided on."""
        said: set[tuple[str, str]] = set()
        for row in self.tellings:
            if row["outcome"] == "told":
                said.add((row["message_id"], row["alert_id"]))
                assert self.messages[row["message_id"]]["receiver"] == row["receiver"]
            elif row["outcome"] == "waiting":
                waits_in = self.bundles[row["bundle_id"]]
                assert waits_in["receiver"] == row["receiver"]
                assert waits_in["due_at"] > self.now, "a bundle was due and did not go out"
            assert row["because"]
        assert said == self.contents.keys()
        assert {row["id"] for row in self.messages.values() if row["kind"] != "notice"} == {one for one, _ in said}

    def _nobody_waits_for_an_end(self) -> None:
        """Whoever was told of an alert that is over hears so, and is written down as one who has yet to until then."""
        told = [row for row in self.tellings if row["outcome"] == "told"]
        told.sort(key=lambda row: self.contents[row["message_id"], row["alert_id"]])
        last = {(row["alert_id"], row["receiver"]): row["occasion"] for row in told}
        waiting = {
            (row["alert_id"], row["receiver"], row["occasion"]) for row in self.tellings if row["outcome"] == "waiting"
        }
        spoken_of = {which for which, *_ in (*last, *waiting)}
        unaware: defaultdict[str, set[str]] = defaultdict(set)
        for (alert_id, who), occasion in last.items():
            if occasion != Occasion.RESOLVED:
                unaware[alert_id].add(who)
        for alert_id, row in self.handlings.items():
            assert unaware[alert_id] == set(row["course"].get("knows", ()))
            if row["course"].get("flaps_until"):
                continue
            if row["state"] == "resolved":
                assert all((alert_id, who, "resolved") in waiting for who in unaware[alert_id]), "a resolve was lost"
            if row["state"] == "open" and row["held_by"] is None:
                assert alert_id in spoken_of, "nobody was told, and nobody will be"

    def _the_trail_is_whole(self) -> None:
        """No chain is forked or cut: each goes on from where it was."""
        for chain in self._chains:
            walk = self._walks.setdefault(chain, Walk(chain, self._pages))
            walk.advance()
            assert walk.fault is None, str(walk.fault)


def _by_alert(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["alert_id"]].append(row)
    return found


def _states(history: Iterable[Row]) -> Iterable[str]:
    """After each line, the state that a reader would believe in."""
    state = "resolved"
    for line in history:
        state = BECOMES.get(line["action"], state)
        yield state
