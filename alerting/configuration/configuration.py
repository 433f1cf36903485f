"""The configuration of alerting as a whole: what routing, escalation and delivery ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from alerting.configuration.model import Contact, Duty, Flapping, Heartbeat, Inhibition, Policy, Receiver, Route
from alerting.configuration.owners import OWNER, Owners
from alerting.configuration.rotas import Rota, Stretch
from alerting.configuration.tree import Node
from alerting.labels import Labels
from risk_rules.problems import Problem

FORESEEN: Final = timedelta(days=31)
"""How far `Duty.until` looks ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People and channels that are told together."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What one version of the file says. The same `version` means the same, but for addresses written out in it.

    `text` is the file without such addresses: what may be kept to explain decisions by (`loading.stored` reads it).
    `warnings` are about what can be loaded but is hardly meant.
    """

    version: str
    text: str = field(repr=False)
    contacts: Mapping[str, Contact]
    receivers: Mapping[str, Receiver]
    teams: Mapping[str, Team]
    rotas: Mapping[str, Rota]
    owners: Owners
    policies: Mapping[str, Policy]
    tree: Node | None
    inhibitions: tuple[Inhibition, ...]
    flapping: Flapping
    reopen_within: timedelta
    heartbeat: Heartbeat | None
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    _stretches: dict[str, Stretch] = field(default_factory=dict[str, Stretch], repr=False, compare=False)

    def route(self, labels: Labels) -> Route:
        """Who is told of an alert with these labels, and what follows."""
        return _NOWHERE if self.tree is None else self.tree.route(labels)

    def on_duty(self, target: str, labels: Labels, at: datetime) -> Duty:
        """The receivers behind a target (a receiver, a team, a rota, or the owner) at an instant.

        Receivers of another partner than the alert is about are left out.
        """
        duty = self._behind(target, labels, at)
        out = [name for name in duty.receivers if not self._may_hear(name, labels)]
        if not out:
            return duty
        because = f"{duty.because}; left out, since it is not about their partner: {', '.join(out)}"
        return Duty(tuple(name for name in duty.receivers if name not in out), because, duty.until)

    def _may_hear(self, receiver: str, labels: Labels) -> bool:
        known = self.receivers.get(receiver)
        return known is None or known.may_hear_of(labels.partner)

    def _behind(self, target: str, labels: Labels, at: datetime) -> Duty:
        if target == OWNER:
            owner = self.owners.of(labels)
            if owner is None:
                return Duty((), "nobody owns what the alert is about")
            found = self._behind(owner.target, labels, at)
            return Duty(found.receivers, f"owner of {owner.of}: {found.because}", found.until)
        if target in self.receivers:
            return Duty((target,), target)
        if (team := self.teams.get(target)) is not None:
            return Duty(team.members, f"team {target}")
        if (rota := self.rotas.get(target)) is not None:
            stretch = self._stretch(rota, at)
            until = stretch.end if stretch.end < stretch.begin + FORESEEN else None
            whose = "on duty by rota" if stretch.people else "nobody is on duty by rota"
            return Duty(stretch.people, f"{whose} {target}", until)
        return Duty((), f"nobody has the name {target}")

    def gaps(self, begin: datetime, end: datetime) -> Mapping[str, tuple[Stretch, ...]]:
        """When nobody is on duty between the two, by rota; rotas without a gap are left out."""
        found = {name: rota.gaps(begin, end) for name, rota in self.rotas.items()}
        return {name: gaps for name, gaps in found.items() if gaps}

    def _stretch(self, rota: Rota, at: datetime) -> Stretch:
        """The stretch of a rota around an instant; remembered, since most questions are about the same hour."""
        known = self._stretches.get(rota.name)
        if known is None or not known.begin <= at < known.end:
            known = next(rota.stretches(at, at + FORESEEN))
            self._stretches[rota.name] = known
        return known


_NOWHERE: Final = Route(
    path=(), targets=(), policy=None, group_by=(), group_wait=timedelta(), group_interval=timedelta(), digest=False
)
