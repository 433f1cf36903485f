"""Conditions by structure: what did not happen, what happened in a bad order, too often, or ever more."""

from risk_rules.structures.absence import Absence
from risk_rules.structures.count_within import CountWithin
from risk_rules.structures.sequence import Sequence
from risk_rules.structures.told import Structure, Told
from risk_rules.structures.trend import Trend

GIVEN = frozenset({"due_on", "missing_days", "lasted_days", "counted", "usual", "drifted_to"})
"""The names of all values that structures give to their rules."""

__all__ = ["GIVEN", "Absence", "CountWithin", "Sequence", "Structure", "Told", "Trend"]
