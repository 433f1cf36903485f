"""What all dispatchers of a database must know of a contact: when it may next be used.

The rate of a service is kept by a row that each dispatcher moves on in the transaction in which it claims. So all of them
together are as fast as one may be, as far as their clocks agree; a change of the rate counts from the next claim on.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerting.tables import contact_state


def closed(connection: Connection, contacts: Collection[str], now: datetime) -> dict[str, datetime]:
    """Until when contacts are not to be used, those that may be left out."""
    of = contact_state.c
    found = select(of.contact, of.opens_at).where(of.contact.in_(contacts), of.opens_at > now)
    return {row.contact: row.opens_at for row in connection.execute(found)}


def book(connection: Connection, contact: str, count: int, gap: timedelta, now: datetime) -> datetime:
    """Take the next `count` places in a contact's time, `gap` apart: when the first one is."""
    keep(connection, contact)
    of = contact_state.c
    held = select(of.opens_at).where(of.contact == contact).with_for_update()
    opens_at = connection.execute(held).scalar()
    begins = now if opens_at is None else max(now, opens_at)
    connection.execute(update(contact_state).where(of.contact == contact).values(opens_at=begins + count * gap))
    return begins


def close(connection: Connection, contact: str, until: datetime) -> None:
    """Let nobody use a contact until then."""
    keep(connection, contact)
    of = contact_state.c
    later = or_(of.opens_at.is_(None), of.opens_at < until)
    connection.execute(update(contact_state).where(of.contact == contact, later).values(opens_at=until))


def keep(connection: Connection, contact: str) -> None:
    """See that the contact has a row."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(contact_state).values(contact=contact, dead=0).on_conflict_do_nothing())
