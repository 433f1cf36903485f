"""Who is told of what: receivers, each with one address and the alerts that it wants."""

from collections.abc import Sequence
from dataclasses import dataclass

from risk_rules.findings import Severity, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A person or a channel. None for `kinds`, `partners` or `sites` means all of them.

    `address` is an Apprise URL or says where one is kept (`env:NAME`, `file:PATH`); it may hold a secret and is never
    shown. `per_second` is how many messages the service behind it takes; None: what Apprise knows of it.
    """

    name: str
    address: str
    minimum: Severity = Severity.WARNING
    kinds: frozenset[str] | None = None
    partners: frozenset[str] | None = None
    sites: frozenset[str] | None = None
    per_second: float | None = None

    def __repr__(self) -> str:
        return f"Receiver({self.name!r}, minimum={self.minimum.name.lower()})"

    def wants(self, subject: Subject, kind: str, severity: Severity) -> bool:
        """Whether an alert of this kind and severity about the subject is for this receiver."""
        return (
            severity >= self.minimum
            and (self.kinds is None or kind in self.kinds)
            and (self.partners is None or subject.partner in self.partners)
            and (self.sites is None or subject.site in self.sites)
        )


class Routing:
    """All receivers. Changes of an alert go to whoever wants them, and to whoever heard of the alert before."""

    def __init__(self, receivers: Sequence[Receiver] = ()) -> None:
        self.receivers = tuple(receivers)
        self.names = frozenset(receiver.name for receiver in receivers)

    def wanting(self, subject: Subject, kind: str, severity: Severity) -> frozenset[str]:
        """The names of the receivers that want to hear of an alert that opens or gets worse."""
        return frozenset(receiver.name for receiver in self.receivers if receiver.wants(subject, kind, severity))
