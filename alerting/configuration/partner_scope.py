"""Refuses a file that could send one partner's alerts to another: every way to a receiver that belongs to a partner.

What only shows when an alert is there (a material's owner, a rota's guest) is left out then, by `Configuration.on_duty`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from alerting.configuration.configuration import Team
from alerting.configuration.model import Policy, Receiver
from alerting.configuration.owners import Owners
from alerting.configuration.reading import LEAVES, Reading, as_mapping
from alerting.configuration.rotas import Rota
from alerting.configuration.tree import Node
from alerting.matchers import Matcher, Operator
from risk_rules.documents import Steps

HINT: Final = 'match partner="{partner}" on this branch or one above'


class PartnerScope:
    """The receivers of partners, and who stands behind each name."""

    def __init__(
        self, reading: Reading, receivers: Mapping[str, Receiver], teams: Mapping[str, Team], rotas: Mapping[str, Rota]
    ) -> None:
        self._reading = reading
        self._receivers = receivers
        self._teams = teams
        self._rotas = rotas

    def check(self, tree: Node | None, owners: Owners, heartbeat: str | None) -> None:
        """Note every way on which alerts of another partner could go."""
        if all(receiver.partner is None for receiver in self._receivers.values()):
            return
        if tree is not None:
            self._tree(tree, ("route",), None)
        for code, target in owners.partners.items():
            for name, partner in self._of_partners([target]):
                if partner != code:
                    message = f"{name} hears of partner {partner} only, and cannot own partner {code}"
                    self._reading.say(("owners", "partners", code), message, "name somebody of ours")
        known = self._receivers.get(heartbeat or "")
        if heartbeat is not None and known is not None and known.partner is not None:
            message = f"{heartbeat} belongs to a partner, and the sign of life is for us"
            self._reading.say(("heartbeat", "to"), message, "name somebody of ours")
        self._ways()

    def _tree(self, node: Node, path: Steps, above: str | None) -> None:
        """A branch may name a partner's receiver only where all that reaches it is of that partner."""
        partner = next((one.value for one in node.matchers if _names_partner(one)), above)
        written = as_mapping(self._reading.document.at(path))
        if "to" in written:
            self._targets(node.targets, (*path, "to"), partner, "")
        if "policy" in written and node.policy is not None:
            self._targets(_in_policy(node.policy), (*path, "policy"), partner, f" by policy {node.policy.name}")
        for number, child in enumerate(node.children):
            self._tree(child, (*path, "routes", number), partner)

    def _targets(self, targets: Iterable[str], path: Steps, partner: str | None, how: str) -> None:
        for name, own in dict(self._of_partners(targets)).items():
            if own != partner:
                what = "alerts of all partners" if partner is None else f"alerts of partner {partner}"
                message = f"{name} hears of partner {own} only, and {what} would go to it{how}"
                self._reading.say(path, message, HINT.format(partner=own))

    def _of_partners(self, targets: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The receivers of partners behind some names, each with its partner."""
        for target in targets:
            for name in self._behind(target):
                known = self._receivers.get(name)
                if known is not None and known.partner is not None:
                    yield name, known.partner

    def _behind(self, target: str) -> Iterable[str]:
        if (team := self._teams.get(target)) is not None:
            return team.members
        rota = self._rotas.get(target)
        return (target,) if rota is None else rota.everybody

    def _ways(self) -> None:
        """A contact or an address serves one partner, or us, and nobody else: what is sent there is read there."""
        seen: dict[str, Receiver] = {}
        for section in LEAVES:
            for name, entry in as_mapping(self._reading.document.value.get(section)).items():
                receiver = self._receivers.get(name)
                if receiver is None:
                    continue
                for way, place in _ways(name, as_mapping(entry)):
                    other = seen.setdefault(way, receiver)
                    if other.partner != receiver.partner:
                        message = f"this way also leads to {other.name}, which hears of {_whose(other)}"
                        self._reading.say((section, name, place), message, f"give {name} a way of its own")


def _ways(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The contacts and the address of a receiver, and where each stands."""
    yield f"contact {name}", "address"
    yield f"address {entry.get('address')}", "address"
    fallbacks: Any = entry.get("fallbacks") or ()
    for one in (fallbacks,) if isinstance(fallbacks, str) else fallbacks:
        yield f"contact {one}", "fallbacks"


def _whose(receiver: Receiver) -> str:
    return "everything" if receiver.partner is None else f"partner {receiver.partner} only"


def _names_partner(matcher: Matcher) -> bool:
    return matcher.label == "partner" and matcher.operator is Operator.EQUAL


def _in_policy(policy: Policy) -> Iterator[str]:
    for step in policy.steps:
        yield from step.targets
    yield policy.last
