"""Who acts at the command line, and the times that they write."""

import getpass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from streams.cli.speaking import Exit, fail

if TYPE_CHECKING:
    from alerting.life.people import Person


def acting_person(name: str | None) -> "Person":
    """The user of this machine, or whom they name; the machine's user is kept in either case."""
    from alerting.life.people import Person

    user = getpass.getuser()
    zone = f"UTC{datetime.now().astimezone():%z}"
    return Person(name=name or user, authenticated=f"user {user} of the machine", zone=zone, source="command line")


def span(text: str) -> timedelta:
    """A span of time as people write it; a wrong one ends the command."""
    from alerting.configuration.notation import NotationError, duration

    try:
        found = duration(text)
    except NotationError as error:
        fail(f"{error}: {error.hint}", Exit.USAGE)
    if not found:
        fail(f"{text} is no time at all: write 30m, 4h or 2d", Exit.USAGE)
    return found
