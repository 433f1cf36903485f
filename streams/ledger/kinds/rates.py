"""A share of cases as features: itself, how low it may truly be, and of how many cases; unknown without any."""

from risk_rules.methods.proportion import Proportion


def share(of: Proportion | None) -> float | None:
    """The share, 0 to 1."""
    return None if of is None else of.share


def lower(of: Proportion | None) -> float | None:
    """What the true share is at least, at 95 % confidence (two-sided)."""
    return None if of is None else of.lower


def cases(of: Proportion | None) -> int:
    """How many cases it is of."""
    return 0 if of is None else of.all
