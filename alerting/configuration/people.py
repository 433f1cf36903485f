"""Reads who can be told: contacts, receivers and teams."""

import re
from collections.abc import Mapping
from datetime import time
from zoneinfo import ZoneInfo

from alerting.configuration import notation
from alerting.configuration.configuration import Team
from alerting.configuration.file import ContactEntry, DigestEntry, QuietEntry, ReceiverEntry, TeamEntry
from alerting.configuration.model import Contact, Receiver
from alerting.configuration.owners import OWNER
from alerting.configuration.quiet import ALL_DAYS, DigestTimes, QuietHours
from alerting.configuration.reading import LEAVES, SINGULAR, TARGETS, Reading
from risk_rules.documents import Steps

HIDDEN = "hidden:address"
"""What stands in a stored text in the place of an address that was written out."""


class People:
    """Reads the sections `contacts`, `people`, `receivers` and `teams`. `zone` is for all that name none."""

    def __init__(self, reading: Reading, zone: ZoneInfo, *, stored: bool) -> None:
        self._reading = reading
        self._zone = zone
        self._stored = stored
        self._contacts = reading.entries("contacts", ContactEntry)
        self._receivers = {section: reading.entries(section, ReceiverEntry) for section in LEAVES}

    def contacts(self) -> Mapping[str, Contact]:
        """By name; the first contact of a receiver has its name."""
        found = {name: self._contact(("contacts", name), name, entry) for name, entry in self._contacts.items()}
        for section, entries in self._receivers.items():
            found |= {name: self._contact((section, name), name, entry) for name, entry in entries.items()}
        self._names_are_single()
        return found

    def receivers(self) -> Mapping[str, Receiver]:
        return {
            name: self._receiver((section, name), name, entry)
            for section, entries in self._receivers.items()
            for name, entry in entries.items()
        }

    def teams(self) -> tuple[Mapping[str, Team], Mapping[str, ZoneInfo]]:
        """The teams, and the zone of each."""
        entries = self._reading.entries("teams", TeamEntry)
        teams = {
            name: Team(name=name, members=self._reading.refer(entry.members, ("teams", name, "members"), LEAVES))
            for name, entry in entries.items()
        }
        return teams, {name: self._zone_of(entry.zone, ("teams", name)) for name, entry in entries.items()}

    def _names_are_single(self) -> None:
        """A name means one thing: a contact, a person, a receiver, a team or a rota."""
        seen: dict[str, str] = {}
        for section in ("contacts", *TARGETS):
            for name in self._reading.names(section):
                if name == OWNER:
                    self._reading.say(
                        (section, name), f"{OWNER} means whoever owns what an alert is about", "rename it", of_key=True
                    )
                elif name in seen:
                    message = f"{name} is the name of a {SINGULAR[seen[name]]} already"
                    self._reading.say((section, name), message, "rename one", of_key=True)
                seen.setdefault(name, section)

    def _contact(self, path: Steps, name: str, entry: ContactEntry | ReceiverEntry) -> Contact:
        """Addresses are never shown: they may hold a secret."""
        if not re.match(r"[A-Za-z][\w+.-]*://.|env:\w|file:.", entry.address) and not (
            self._stored and entry.address == HIDDEN
        ):
            self._reading.say((*path, "address"), "is no address", "write env:NAME, file:PATH or an Apprise URL")
        return Contact(name=name, address=entry.address, per_second=entry.per_second)

    def _receiver(self, path: Steps, name: str, entry: ReceiverEntry) -> Receiver:
        zone = self._zone_of(entry.zone, path)
        fallbacks = self._reading.refer(entry.fallbacks, (*path, "fallbacks"), ("contacts", *LEAVES))
        if name in fallbacks:
            self._reading.say((*path, "fallbacks"), f"{name} is its own fallback", "take it out")
        return Receiver(
            name=name, contacts=(name, *fallbacks), audience=entry.audience, language=entry.language, zone=zone,
            quiet=None if entry.quiet is None else self._quiet(entry.quiet, (*path, "quiet"), zone),
            digest=self._digest(entry.digest or DigestEntry(), (*path, "digest"), zone),
            units=entry.units, most_per_hour=entry.most_per_hour, partner=entry.partner,
        )  # fmt: skip

    def _quiet(self, entry: QuietEntry, path: Steps, zone: ZoneInfo) -> QuietHours | None:
        days = notation.weekdays(entry.days or ())
        if entry.hours is None and not days and entry.holidays is None:
            self._reading.say(path, "no hours, days or holidays are named", 'write {hours: "19:00-07:00"}')
        if days == ALL_DAYS:
            self._reading.say((*path, "days"), "all days are quiet, and messages would wait for ever", "leave one out")
        none = (time(), time())
        begin, end = (
            (None, None)
            if entry.hours is None
            else self._reading.take(notation.hours, entry.hours, (*path, "hours"), none)
        )
        holidays = (
            frozenset[object]()
            if entry.holidays is None
            else self._reading.take(notation.holidays, entry.holidays, (*path, "holidays"), frozenset[object]())
        )
        return QuietHours(zone=zone, begin=begin, end=end, days_off=days, holidays=holidays)

    def _digest(self, entry: DigestEntry, path: Steps, zone: ZoneInfo) -> DigestTimes:
        times = [self._reading.take(notation.clock, one, place, time()) for place, one in
                 self._reading.each(entry.at, (*path, "at"))]  # fmt: skip
        days = ALL_DAYS if entry.days is None else notation.weekdays(entry.days)
        return DigestTimes(zone=zone, times=tuple(sorted(set(times))), days=days)

    def _zone_of(self, written: str | None, path: Steps) -> ZoneInfo:
        return (
            self._zone
            if written is None
            else self._reading.take(notation.zone, written, (*path, "zone"), notation.UTC_ZONE)
        )
