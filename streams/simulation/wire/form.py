"""What each format of a partner can do: which events it tells of together, and how it writes them down."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from random import Random
from typing import Protocol

from streams.intake.profile import Profile
from streams.simulation.deliveries import Delivery
from streams.simulation.envelope import Notice
from streams.simulation.journal import Told


class Form(Protocol):
    """A format in which a site tells some of its events. `name` is that of a paper, unique at the site."""

    @property
    def is_final(self) -> bool:
        """Whether what it says can be neither corrected nor withdrawn, only said anew."""
        ...

    def key(self, told: Told) -> Hashable:
        """Events of a day with the same key go on one paper; None: this format cannot tell of it."""
        ...

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """The id of the notice's own event as the intake will know it, and what is sent."""
        ...

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """Something that is not taken."""
        ...


def theirs(profile: Profile, table: str) -> Mapping[str, str]:
    """A table of a partner's profile the other way round: its code for ours, the first where it has several."""
    return _turned(profile.said.tables.get(table, {}))


def their_units(profile: Profile) -> Mapping[str, str]:
    """The partner's unit for each of UN/ECE Rec 20 that it has a word for."""
    return _turned(dict(profile.said.units))


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    turned: dict[str, str] = {}
    for code, ours in table.items():
        turned.setdefault(ours, code)
    return turned


def told_of(notice: Notice) -> tuple[Told, ...]:
    """All that a notice tells of, its own event first."""
    own = Told(notice.site, notice.type, notice.at, notice.data, "")
    return (own, *notice.more)
