"""Reads the routing tree, the policies and the inhibitions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from alerting.configuration import notation
from alerting.configuration.file import BranchEntry, InhibitionEntry, PolicyEntry, RouteEntry
from alerting.configuration.model import Inhibition, Policy, PolicyStep
from alerting.configuration.owners import OWNER
from alerting.configuration.reading import TARGETS, Reading
from alerting.configuration.rotas import Rota
from alerting.configuration.tree import Node
from alerting.matchers import Matcher, MatcherError, parse
from risk_rules.documents import Steps
from risk_rules.findings import Severity

SHORTEST_REPEAT = timedelta(minutes=1)


class Routes:
    """Reads the sections `route`, `policies` and `inhibitions`. `rotas` tell which names may stand for nobody."""

    def __init__(self, reading: Reading, rotas: Mapping[str, Rota]) -> None:
        self._reading = reading
        self._rotas = rotas
        self.policies: Mapping[str, Policy] = {
            name: self._policy(name, entry) for name, entry in reading.entries("policies", PolicyEntry).items()
        }

    def tree(self, entry: RouteEntry) -> Node:
        """The tree, each node with what it takes over from the one above."""
        path: Steps = ("route",)
        top = Node(
            name="all", targets=self._targets(entry.to, (*path, "to")), policy=self._named(entry.policy, path),
            group_by=entry.group_by, group_wait=self._duration(entry.group_wait, (*path, "group_wait")),
            group_interval=self._duration(entry.group_interval, (*path, "group_interval")),
            digest=_severities(entry.digest),
        )  # fmt: skip
        self._reaches_somebody(top, (*path, "to"))
        return replace(top, children=self._children(top, entry.routes, path))

    def inhibitions(self) -> tuple[Inhibition, ...]:
        """In their order."""
        found: dict[str, Inhibition] = {}
        for number, entry in self._reading.listed("inhibitions", InhibitionEntry).items():
            path: Steps = ("inhibitions", number)
            if entry.name in found:
                self._reading.say((*path, "name"), f"a second inhibition is named {entry.name}", "rename one")
            found[entry.name] = Inhibition(
                name=entry.name, source=self._matchers(entry.source, (*path, "source")),
                target=self._matchers(entry.target, (*path, "target")), equal=tuple(dict.fromkeys(entry.equal)),
            )  # fmt: skip
        return tuple(found.values())

    def _children(self, above: Node, entries: Sequence[BranchEntry], path: Steps) -> tuple[Node, ...]:
        children: list[Node] = []
        for number, entry in enumerate(entries):
            here = (*path, "routes", number)
            if children and not children[-1].matchers and not children[-1].goes_on:
                self._reading.warn(here, "is never reached: the branch before it takes all that is left", "move it up")
            children.append(self._branch(above, entry, here))
        return tuple(children)

    def _branch(self, above: Node, entry: BranchEntry, path: Steps) -> Node:
        matchers = self._matchers(entry.match or (), (*path, "match"))
        node = Node(
            name=entry.name or ", ".join(map(str, matchers)) or "all else",
            matchers=matchers,
            targets=above.targets if entry.to is None else self._targets(entry.to, (*path, "to")),
            policy=above.policy if entry.policy is None else self._named(entry.policy, path),
            group_by=above.group_by if entry.group_by is None else entry.group_by,
            group_wait=self._duration(entry.group_wait, (*path, "group_wait"), above.group_wait),
            group_interval=self._duration(entry.group_interval, (*path, "group_interval"), above.group_interval),
            digest=above.digest if entry.digest is None else _severities(entry.digest),
            goes_on=entry.goes_on,
        )
        if entry.goes_on:
            self._only_tells(entry, path)
            return node
        self._reaches_somebody(node, (*path, "to"))
        return replace(node, children=self._children(node, entry.routes, path))

    def _only_tells(self, entry: BranchEntry, path: Steps) -> None:
        """A branch after which the search goes on adds who is told; all else is said by the branch that decides."""
        if entry.to is None:
            self._reading.say(path, "a branch that continues tells nobody of its own", "add to: …")
        for field, said in (
            ("policy", entry.policy), ("routes", entry.routes), ("group_by", entry.group_by), ("digest", entry.digest),
            ("group_wait", entry.group_wait), ("group_interval", entry.group_interval),
        ):  # fmt: skip
            if said:
                message = f"a branch that continues has no {field}: the one that ends the search says it"
                self._reading.say((*path, field), message, "take it out, or continue", of_key=True)

    def _reaches_somebody(self, node: Node, path: Steps) -> None:
        """Without a policy there is nobody else to turn to."""
        if node.policy is None and all(self._may_be_nobody(target) for target in node.targets):
            names = ", ".join(node.targets)
            self._reading.say(path, f"{names} may be nobody, and no policy follows", "add a policy or a receiver")

    def _policy(self, name: str, entry: PolicyEntry) -> Policy:
        path: Steps = ("policies", name)
        steps = tuple(
            PolicyStep(self._duration(step.wait, (*path, "steps", number, "wait")),
                       self._targets(step.to, (*path, "steps", number, "to")))
            for number, step in enumerate(entry.steps)
        )  # fmt: skip
        every = self._duration(entry.every, (*path, "every"), SHORTEST_REPEAT)
        if every < SHORTEST_REPEAT:
            self._reading.say((*path, "every"), f"{entry.every} is too short to act in", "wait at least 1m")
        (last,) = self._targets(entry.last, (*path, "last"))
        if last == OWNER:
            message = "the owner may be nobody, and so the policy could end with nobody"
            self._reading.say((*path, "last"), message, "name a person, a receiver or a team")
        elif self._may_be_nobody(last):
            message = f"at times nobody is on duty by rota {last}, and so the policy could end with nobody"
            self._reading.say((*path, "last"), message, "give the rota otherwise: NAME, or name somebody else")
        return Policy(name=name, steps=steps, repeat=entry.repeat, every=every, last=last)

    def _may_be_nobody(self, target: str) -> bool:
        rota = self._rotas.get(target)
        return target == OWNER or (rota is not None and not rota.is_never_empty)

    def _targets(self, names: str | tuple[str, ...], path: Steps) -> tuple[str, ...]:
        return self._reading.refer(names, path, TARGETS, owner=True)

    def _named(self, name: str | None, path: Steps) -> Policy | None:
        if name is None:
            return None
        self._reading.refer(name, (*path, "policy"), ("policies",))
        return self.policies.get(name)

    def _duration(self, text: str | None, path: Steps, default: timedelta = timedelta()) -> timedelta:
        return default if text is None else self._reading.take(notation.duration, text, path, default)

    def _matchers(self, texts: str | tuple[str, ...], path: Steps) -> tuple[Matcher, ...]:
        return tuple(
            matcher
            for place, text in self._reading.each(texts, path)
            if (matcher := self._matcher(text, place)) is not None
        )

    def _matcher(self, text: str, path: Steps) -> Matcher | None:
        try:
            return parse(text)
        except MatcherError as error:
            say = partial(self._reading.document.problem_in_text, path, error.offset)
            self._reading.problems.append(say(error.message, error.hint))
            return None


def _severities(names: Sequence[str]) -> frozenset[Severity]:
    return frozenset(Severity[name.upper()] for name in names)
