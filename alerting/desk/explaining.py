"""Why somebody was told of an alert, or why not: from the decisions as they were stored, and the file of their time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from alerting.configuration.configuration import Configuration
from alerting.delivery.outbox import State as Delivered
from alerting.desk.casebook import labels_of
from alerting.labels import Labels
from alerting.life.course import Occasion, Outcome
from alerting.tables import alert, alert_handling, alert_history, outbox, telling
from risk_rules.findings import Severity

Row = Mapping[Any, Any]

TELLING: Final = frozenset({"opened", "reopened", "worse"})
"""Transitions of the rules of which the receivers of the route are told."""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `told`: a message about it reached the receiver. `configuration`: the version that was in force."""

    at: datetime
    occasion: str
    told: bool
    words: str
    configuration: str | None = None
    message: str | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a receiver was told of an alert at all, and each decision, oldest first."""

    alert: str
    receiver: str
    told: bool
    answers: tuple[Because, ...]


def explained(
    connection: Connection, alert_id: str, receiver: str, version: Callable[[str], Configuration | None]
) -> Explanation:
    """The explanation for one receiver. `version` gives the configuration of a stored version, None for an unknown one."""
    decisions = _decisions(connection, alert_id)
    own = [row for row in decisions if row["receiver"] == receiver]
    answers = [_of_decision(connection, row) for row in own]
    known = {row["number"] for row in own}
    row = connection.execute(select(alert).where(alert.c.id == alert_id)).mappings().one()
    answers += [
        _not_routed(row, entry, decisions, receiver, version)
        for entry in _occasions(connection, alert_id)
        if entry["number"] not in known
    ]
    if not answers:
        answers.append(_not_taken(connection, row, receiver))
    answers.sort(key=lambda one: one.at)
    return Explanation(alert=alert_id, receiver=receiver, told=any(one.told for one in answers), answers=tuple(answers))


def _decisions(connection: Connection, alert_id: str) -> Sequence[Row]:
    statement = select(telling).where(telling.c.alert_id == alert_id).order_by(telling.c.number, telling.c.at)
    return connection.execute(statement).mappings().all()


def _occasions(connection: Connection, alert_id: str) -> Sequence[Row]:
    """The lines of the history at which the receivers of the route are told."""
    own = alert_history.c
    statement = select(alert_history).where(own.alert_id == alert_id, own.cause == "event", own.action.in_(TELLING))
    return connection.execute(statement.order_by(own.number)).mappings().all()


def _of_decision(connection: Connection, row: Row) -> Because:
    told, words = False, str(row["because"])
    match Outcome(row["outcome"]):
        case Outcome.HELD:
            words = f"not told, held back: {words}"
        case Outcome.UNREACHABLE:
            words = f"nobody was there to be told: {words}"
        case Outcome.CANCELLED:
            words = f"not told: {words}"
        case Outcome.WAITING:
            words = f"waits until {_instant(row['due_at'])}: {words}"
        case Outcome.TOLD:
            told, delivery = _delivered(connection, row["message_id"])
            words = f"{words}; {delivery}"
    return Because(
        at=row["at"], occasion=row["occasion"], told=told, words=words, configuration=row["configuration"],
        message=row["message_id"],
    )  # fmt: skip


def _delivered(connection: Connection, message_id: str | None) -> tuple[bool, str]:
    """What became of a message on each of its ways, and whether it reached the receiver."""
    tried: list[tuple[bool, str]] = []
    at = connection.execute(select(outbox).where(outbox.c.id == message_id)).mappings().first()
    while at is not None:
        tried.append(_on_one_way(at))
        at = connection.execute(select(outbox).where(outbox.c.instead_of == at["id"])).mappings().first()
    if not tried:
        return False, "its message is no longer kept"
    return any(told for told, _ in tried), ", then ".join(words for _, words in tried)


def _on_one_way(row: Row) -> tuple[bool, str]:
    through = "" if row["contact"] is None else f" through {row['contact']}"
    match Delivered(row["state"]):
        case Delivered.SENT:
            twice = ", perhaps twice" if row["possible_repeat"] else ""
            return True, f"sent{through} at {_instant(row['sent_at'])}{twice}"
        case Delivered.CANCELLED:
            return False, f"not sent: {row['result']}"
        case Delivered.DEAD:
            return False, f"given up{through} after {row['attempts']} attempts: {row['result']}"
        case Delivered.UNKNOWN:
            return False, f"sent{through}, and nobody knows whether it arrived: {row['result']}"
        case _:
            last = f", last: {row['result']}" if row["result"] else ""
            return False, f"on its way{through} since {_instant(row['created_at'])}{last}"


def _not_routed(
    row: Row, entry: Row, decisions: Sequence[Row], receiver: str, version: Callable[[str], Configuration | None]
) -> Because:
    """Why there was no decision about the receiver at an entry: by the configuration that decided about others then."""
    same = [one for one in decisions if one["number"] == entry["number"]]
    used = next((one["configuration"] for one in (*same, *decisions)), None)
    known = None if used is None else version(used)
    occasion = str(entry["action"])
    if known is None:
        words = "not told: no decision was taken about anybody, and the configuration of then is not stored"
        return Because(at=entry["at"], occasion=occasion, told=False, words=words, configuration=used)
    labels = msgspec.structs.replace(labels_of(row), severity=Severity[entry["detail"]["severity"].upper()])
    words = _why_not(known, labels, receiver, entry["at"], same)
    return Because(at=entry["at"], occasion=occasion, told=False, words=words, configuration=used)


def _why_not(configuration: Configuration, labels: Labels, receiver: str, at: datetime, same: Sequence[Row]) -> str:
    route = configuration.route(labels)
    path = " > ".join(route.path) or "no route"
    if receiver not in configuration.receivers:
        return f"not told: {receiver} was no receiver then"
    if not (known := configuration.receivers[receiver]).may_hear_of(labels.partner):
        return f"not told: {receiver} hears of partner {known.partner} only, and this is about {labels.partner}"
    duties = {target: configuration.on_duty(target, labels, at) for target in route.targets}
    if any(receiver in duty.receivers for duty in duties.values()):
        if not same:
            return f"not told at this: the alert was in somebody's hands, or came and went too often (route {path})"
        return f"not told: others were, and {receiver} joined the duty only afterwards (route {path})"
    reached = "; ".join(f"{target}: {duty.because}" for target, duty in duties.items()) or "nobody"
    return f"not routed: {path} leads to {reached}{_later(configuration, labels, receiver, at)}"


def _later(configuration: Configuration, labels: Labels, receiver: str, at: datetime) -> str:
    """At which step of the policy the receiver would have come."""
    policy = configuration.route(labels).policy
    if policy is None:
        return ""
    for number, step in enumerate(policy.steps, start=1):
        if any(receiver in configuration.on_duty(target, labels, at).receivers for target in step.targets):
            return f". {receiver} comes at step {number} of policy {policy.name}, if nobody takes it before"
    if receiver in configuration.on_duty(policy.last, labels, at).receivers:
        return f". {receiver} comes last in policy {policy.name}, if nobody takes it before"
    return ""


def _not_taken(connection: Connection, row: Row, receiver: str) -> Because:
    handled = select(alert_handling.c.seen).where(alert_handling.c.alert_id == row["id"])
    taken = connection.execute(handled).scalar() is not None
    words = f"no decision concerns {receiver}" if taken else "the desk has not taken the alert yet"
    return Because(at=row["opened_at"], occasion=Occasion.OPENED.value, told=False, words=words)


def _instant(at: datetime | None) -> str:
    return "?" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
