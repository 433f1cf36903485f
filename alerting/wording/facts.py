"""What a message can say of an alert: the row of the alert, typed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from risk_rules.findings import Factor, Severity
from risk_rules.remedies import Remedy


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the rules last found it. Texts are as their author wrote them: nothing of it is safe to show as it is."""

    id: str
    kind: str
    severity: Severity
    score: float
    subject_kind: str
    subject_key: str
    partner: str
    site: str
    summary: str
    opened_at: datetime
    advice: str = ""
    likelihood: float | None = None
    impact_on: date | None = None
    quantity: float | None = None
    unit: str | None = None
    owner: str | None = None
    material: str | None = None
    product: str | None = None
    factors: tuple[Factor, ...] = ()
    remedy: Remedy | None = None

    @property
    def thing(self) -> str:
        """The code of the subject as its owner writes it (in a key `~1` is a `/` and `~0` a `~`)."""
        return self.subject_key.rpartition("/")[2].replace("~1", "/").replace("~0", "~") or self.subject_key


_NAMES = tuple(field.name for field in msgspec.structs.fields(Facts))


def facts(row: Mapping[Any, Any]) -> Facts:
    """The facts in a row of the table `alert`."""
    return msgspec.convert({name: row[name] for name in _NAMES if row[name] is not None}, Facts, dec_hook=_as_it_is)


def _as_it_is(kind: type, value: Any) -> Any:
    return kind(value)
