"""What an alert is looked at by: routing, silences and inhibitions match on these labels."""

from typing import Final

import msgspec

from risk_rules.findings import Severity


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """The labels of one alert. `region` is that of the site; `owner` the role that the rule names (buyer, quality).

    None: the alert has no such label. It then equals nothing, also no other missing one.
    """

    severity: Severity
    kind: str
    subject_kind: str
    partner: str
    site: str
    material: str | None = None
    product: str | None = None
    region: str | None = None
    owner: str | None = None

    def get(self, name: str) -> str | None:
        """The value of a label as it is written in matchers; None for a missing one. Raises `KeyError`."""
        if name == "severity":
            return self.severity.name.lower()
        if name not in LABELS:
            raise KeyError(name)
        value: str | None = getattr(self, name)
        return value or None


LABELS: Final = Labels.__struct_fields__
"""The names of all labels."""
