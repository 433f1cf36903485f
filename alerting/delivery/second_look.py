"""Whether a message is still needed at the moment at which it would go out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, exists, func, or_, select

from alerting.alerts import State as AlertState
from alerting.alerts import Transition
from alerting.delivery.outbox import Claim, Kind, State
from alerting.tables import alert, alert_handling, message_alert, outbox

URGING = ("step", "reminder")
"""Occasions that only ask somebody to take an alert."""

TAKEN = ("acknowledged", "snoozed")

RESOLVED = "resolved before anybody was told"
HAS_SOMEBODY = "somebody has taken the alert meanwhile"
NEWER = "a newer heartbeat has come"


def needless(connection: Connection, claims: Sequence[Claim]) -> dict[str, str]:
    """Why nobody needs to hear of some claims any more, by their ids.

    Those are: urging about an alert that somebody has taken or that is resolved; news of an alert that was resolved before
    the receiver could hear of it, and its end then, too; a heartbeat that came late. What may have arrived already is sent
    again all the same, marked as such, or nobody would know what it was.
    """
    if not claims:
        return {}
    rows = connection.execute(_WHY, {"ids": [one.id for one in claims]})
    return {row.id: row.why for row in rows if row.why is not None}


def _no_longer_wanted() -> ColumnElement[bool]:
    is_end = outbox.c.transition == Transition.RESOLVED.value
    about_one = outbox.c.alert_id.is_not(None)
    unheard_news = and_(~is_end, _ended(), ~outbox.c.possible_repeat)
    return and_(about_one, or_(and_(is_end, ~_heard()), unheard_news))


def _taken() -> ColumnElement[bool]:
    handled = exists().where(alert_handling.c.alert_id == outbox.c.alert_id, alert_handling.c.state.in_(TAKEN))
    return and_(outbox.c.transition.in_(URGING), handled, ~outbox.c.possible_repeat)


def _overtaken() -> ColumnElement[bool]:
    later = outbox.alias("later")
    beats = and_(
        later.c.kind == Kind.HEARTBEAT.value, later.c.thread == outbox.c.thread, later.c.receiver == outbox.c.receiver,
        later.c.number > outbox.c.number,
    )  # fmt: skip
    return and_(outbox.c.kind == Kind.HEARTBEAT.value, exists().where(beats))


def _ended() -> ColumnElement[bool]:
    """As the desk sees it, which will tell of the end; what it has not taken yet may come back before it does."""
    handled = select(alert_handling.c.state).where(alert_handling.c.alert_id == outbox.c.alert_id).scalar_subquery()
    found = select(alert.c.state).where(alert.c.id == outbox.c.alert_id).scalar_subquery()
    return func.coalesce(handled, found) == AlertState.RESOLVED.value


def _heard() -> ColumnElement[bool]:
    """Whether the receiver heard of the alert, or may have: by a message of its own, or among others."""
    earlier, told = outbox.alias("earlier"), message_alert.alias("told")
    arrived = and_(
        earlier.c.receiver == outbox.c.receiver, earlier.c.id != outbox.c.id,
        or_(earlier.c.state == State.SENT.value, earlier.c.possible_repeat),
    )  # fmt: skip
    alone = exists().where(earlier.c.alert_id == outbox.c.alert_id, earlier.c.number < outbox.c.number, arrived)
    among_others = exists().where(told.c.alert_id == outbox.c.alert_id, earlier.c.id == told.c.message_id, arrived)
    return or_(alone, among_others)


def _why() -> Select[Any, Any]:
    why = case((_no_longer_wanted(), RESOLVED), (_taken(), HAS_SOMEBODY), (_overtaken(), NEWER))
    return select(outbox.c.id, why.label("why")).where(outbox.c.id.in_(bindparam("ids", expanding=True)))


_WHY = _why()  # made once: that takes longer than the database does
