"""The routing tree: from the labels of an alert to those who are told, and the policy that follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from alerting.configuration.model import Policy, Route
from alerting.labels import Labels
from alerting.matchers import Matcher, all_match
from risk_rules.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the tree, with what it takes over from the one above already in it.

    The first child that matches decides, unless it `goes_on`: then its targets are told, too, and its siblings are asked.
    `digest`: the severities that are collected.
    """

    name: str
    matchers: tuple[Matcher, ...] = ()
    targets: tuple[str, ...]
    policy: Policy | None
    group_by: tuple[str, ...]
    group_wait: timedelta
    group_interval: timedelta
    digest: frozenset[Severity]
    goes_on: bool = False
    children: tuple["Node", ...] = ()

    def route(self, labels: Labels) -> Route:
        """The route of an alert that this node, the top of the tree, is asked for."""
        nodes = self._matching(labels)
        path = tuple(node.name for node in nodes)
        last = next(node for node in reversed(nodes) if not node.goes_on)
        told = (*last.targets, *(name for node in nodes if node.goes_on for name in node.targets))
        return Route(
            path=path, targets=tuple(dict.fromkeys(told)), policy=last.policy, group_by=last.group_by,
            group_wait=last.group_wait, group_interval=last.group_interval, digest=labels.severity in last.digest,
        )  # fmt: skip

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def _matching(self, labels: Labels) -> list["Node"]:
        """The nodes that an alert meets, from the top; the last of those that do not go on decides."""
        beside: list[Node] = []
        for child in self.children:
            if all_match(child.matchers, labels):
                if not child.goes_on:
                    return [self, *beside, *child._matching(labels)]
                beside.append(child)
        return [self, *beside]
