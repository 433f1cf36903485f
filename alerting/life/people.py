"""What people say to an alert, and who said it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acts. `authenticated` says how that is known (cli, link, api), `zone` is the person's own (`Europe/Zurich`).

    `source` is where the act came from (console, api, chat); `on_behalf_of` whom the person acts for.
    """

    name: str
    authenticated: str
    zone: str
    source: str
    on_behalf_of: str | None = None

    def described(self) -> dict[str, str]:
        """What is kept beside the name in a history."""
        known = {"authenticated": self.authenticated, "zone": self.zone, "source": self.source}
        return known if self.on_behalf_of is None else known | {"on_behalf_of": self.on_behalf_of}


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """I take care of it, until then."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """Nobody need look at it before then."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Wake:
    """Somebody else should look at it after all: an acknowledgement or a snooze ends now."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """There is nothing left to do, whatever the rules find."""

    reason: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Whether what the alert said was true, for those who judge the rules later. Changes nothing else."""

    was_true: bool
    reason: str


Act = Acknowledge | Snooze | Wake | Resolve | Judge


class NotPossibleError(ValueError):
    """An act that an alert does not allow as it is now; the words are for the person who tried."""
