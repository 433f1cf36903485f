"""Who owns what: the owner of a material comes before that of the product, the site, the partner and the rule's role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from alerting.labels import Labels

Names = Mapping[str, str]

OWNER: Final = "owner"
"""The target that stands for whoever owns what the alert is about."""


class Owner(NamedTuple):
    """The name of a target, and what it owns: `material SALT`."""

    target: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Targets by the codes that they own. `roles`: by the owner that a rule names (buyer, quality)."""

    materials: Names = field(default_factory=dict[str, str])
    products: Names = field(default_factory=dict[str, str])
    sites: Names = field(default_factory=dict[str, str])
    partners: Names = field(default_factory=dict[str, str])
    roles: Names = field(default_factory=dict[str, str])

    def of(self, labels: Labels) -> Owner | None:
        """The owner of what an alert is about; None when nobody owns any of it."""
        asked = (
            ("material", labels.material, self.materials),
            ("product", labels.product, self.products),
            ("site", labels.site, self.sites),
            ("partner", labels.partner, self.partners),
            ("role", labels.owner, self.roles),
        )
        for kind, code, targets in asked:
            if code is not None and (target := targets.get(code)) is not None:
                return Owner(target, f"{kind} {code}")
        return None
