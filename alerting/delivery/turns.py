"""What a dispatcher does in the database: each function is a transaction or a look, and may be done from any thread."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from alerting.database import reading
from alerting.delivery import contact_states, dead_letters, heartbeat, outbox, readdressing
from alerting.delivery.directory import Directory
from alerting.delivery.lane import Lane
from alerting.delivery.outbox import Claim, Kind, Mark, State
from alerting.delivery.pace import Pace
from alerting.delivery.readdressing import Stranger
from alerting.delivery.second_look import needless


class Turn(NamedTuple):
    """A claim, and when it may be sent."""

    claim: Claim
    begins_at: datetime


class Claimed(NamedTuple):
    """`turns` are to be sent, `needless` to be marked with the reason; `shut` contacts want nothing until then."""

    turns: list[Turn]
    needless: list[tuple[Claim, str]]
    shut: Mapping[str, datetime]


def claim(engine: Engine, room: Mapping[str, int], lanes: Mapping[str, Lane], pace: Pace, now: datetime) -> Claimed:
    """Claim what is due for contacts with room. It looks before it takes: a look locks nobody out."""
    with reading(engine) as connection:
        shut = contact_states.closed(connection, list(room), now)
        due = [
            name
            for name in sorted(room)
            if name not in shut and outbox.due_severities(connection, name, now, pace.hold_digest)
        ]
    turns: list[Turn] = []
    unwanted: list[tuple[Claim, str]] = []
    for name in due:
        with engine.begin() as connection:
            claims = outbox.claim(connection, name, room[name], now, pace.lease, pace.hold_digest)
            reasons = needless(connection, claims)
            wanted = [one for one in claims if one.id not in reasons]
            if lanes[name].channel.answers:
                roots = outbox.roots(connection, wanted)
                wanted = [replace(one, root=roots.get(one.id)) for one in wanted]
            turns += _turns(connection, wanted, lanes[name].gap, now)
        unwanted += [(one, reasons[one.id]) for one in claims if one.id in reasons]
    return Claimed(turns, unwanted, shut)


def _turns(connection: Connection, claims: list[Claim], gap: timedelta | None, now: datetime) -> list[Turn]:
    if gap is None or not claims:
        return [Turn(one, now) for one in claims]
    begins = contact_states.book(connection, claims[0].contact, len(claims), gap, now)
    return [Turn(one, begins + place * gap) for place, one in enumerate(claims)]


def mark(engine: Engine, marks: Iterable[Mark], directory: Directory) -> int:
    """Write down what became of claims, and what follows from it; how many were still ours."""
    marks = list(marks)
    with engine.begin() as connection:
        dead = [one for one in marks if one.state is State.DEAD]
        ours = outbox.ours(connection, [one.claim for one in dead])
        written = outbox.mark(connection, marks)
        dead_letters.follow(connection, [one for one in dead if one.claim.id in ours], directory)
        for one in marks:
            if one.claim.kind is Kind.HEARTBEAT and one.state is State.SENT:
                heartbeat.arrived(connection, one.claim, one.at)
        closures = {one.claim.contact: one.closed_until for one in marks if one.closed_until is not None}
        for contact in sorted(closures):
            contact_states.close(connection, contact, closures[contact])
    return written


def strangers(engine: Engine, directory: Directory) -> set[Stranger]:
    """Messages that wait where no contact is configured."""
    with reading(engine) as connection:
        return readdressing.strangers(connection, directory)


def tidy(engine: Engine, homeless: Iterable[Stranger], directory: Directory, now: datetime) -> None:
    """Look after messages without a contact, tell of dead ones that no notice told of yet, and send the heartbeat."""
    with engine.begin() as connection:
        readdressing.readdress(connection, homeless, directory, now)
        dead_letters.tell_the_rest(connection, directory, now)
        heartbeat.tell(connection, directory, now)
