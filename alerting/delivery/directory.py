"""Whom messages can reach now, and how: what the dispatcher needs of the configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerting.configuration.configuration import OWNER, Configuration
from alerting.configuration.model import Audience, Contact, Heartbeat
from alerting.labels import Labels
from alerting.wording.reader import Reader
from risk_rules.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A receiver: its contacts, the first of which is tried first, and how it reads."""

    contacts: tuple[str, ...]
    reader: Reader = field(default_factory=Reader)


def _nobody(_: datetime) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """`keepers` gives the receivers that are told when messages cannot be delivered, at a time."""

    contacts: Mapping[str, Contact]
    receivers: Mapping[str, Addressee]
    keepers: Callable[[datetime], tuple[str, ...]] = _nobody
    heartbeat: Heartbeat | None = None

    def reader(self, receiver: str) -> Reader:
        """How a receiver reads; the plain way for one that is no longer configured."""
        known = self.receivers.get(receiver)
        return Reader() if known is None else known.reader


def directory(configuration: Configuration) -> Directory:
    """Of a configuration. Keepers: all receivers of the audience `sre`; without any, the last owners of its policies.

    Receivers that belong to a partner are none: the messages that are lost may be about another.
    """
    receivers = {
        name: Addressee(contacts=one.contacts, reader=Reader.of(one)) for name, one in configuration.receivers.items()
    }
    operators = tuple(
        name for name, one in configuration.receivers.items() if one.audience is Audience.SRE and one.partner is None
    )

    def keepers(at: datetime) -> tuple[str, ...]:
        if operators:
            return operators
        lasts = sorted({policy.last for policy in configuration.policies.values()} - {OWNER})
        found = (name for last in lasts for name in configuration.on_duty(last, _DEAD_LETTERS, at).receivers)
        return tuple(dict.fromkeys(found))

    return Directory(
        contacts=configuration.contacts, receivers=receivers, keepers=keepers, heartbeat=configuration.heartbeat
    )


_DEAD_LETTERS = Labels(
    severity=Severity.CRITICAL, kind="dead_letter", subject_kind="contact", partner="bellwether", site="bellwether"
)
