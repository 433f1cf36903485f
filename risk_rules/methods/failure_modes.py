"""Which failure to look at first: failure mode and effects analysis (IEC 60812), for ordering only.

Severity times occurrence times detectability averages a high severity away: 10 x 1 x 2 comes far behind 4 x 5 x 5. The
product orders therefore only within one class, and high severities come before all others (ICH Q9(R1): the level of
effort follows the risk to the patient).
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

HIGH_SEVERITY: Final = 8
"""Of 10: harm to patients, or a shortage of a product without an alternative."""


class FailureMode(NamedTuple):
    """A way to fail, each number 1 to 10: how bad it is, how often it happens, how hard it is to detect in time."""

    name: str
    severity: int
    occurrence: int
    detectability: int

    @property
    def risk_priority(self) -> int:
        """The product of the three, 1 to 1000: for ordering, not for adding or for limits."""
        return self.severity * self.occurrence * self.detectability


def ordered(modes: Iterable[FailureMode], high_severity: int = HIGH_SEVERITY) -> list[FailureMode]:
    """The worst first: those of at least `high_severity` before all others, then by the product, then by severity.

    Raises `ValueError` for a number that is not on the scale.
    """
    modes = list(modes)
    for mode in modes:
        if not all(1 <= number <= 10 for number in mode[1:]):
            raise ValueError(f"{mode.name}: severity, occurrence and detectability are 1 to 10, not {mode[1:]}")

    def rank(mode: FailureMode) -> tuple[bool, int, int, int, str]:
        return (mode.severity < high_severity, -mode.risk_priority, -mode.severity, -mode.occurrence, mode.name)

    return sorted(modes, key=rank)
