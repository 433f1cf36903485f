"""What a CBV disposition says of the use of a lot. A partner's table `statuses` goes before all of this."""

from collections.abc import Iterable, Mapping
from typing import Final

from streams.intake.draft import Codes

STATUS: Final[Mapping[str, str]] = {
    "available": "released",
    "sellable_accessible": "released",
    "sellable_not_accessible": "released",
    "unavailable": "quarantine",
    "returned": "quarantine",
    "non_conformant": "on_hold",
    "non_sellable_other": "on_hold",
    "needs_replacement": "on_hold",
    "expired": "on_hold",  # a raw material may be tested again and its date moved
    "no_pedigree_match": "on_hold",
    "mismatch_instance": "on_hold",
    "mismatch_class": "on_hold",
    "mismatch_quantity": "on_hold",
    "damaged": "rejected",
    "recalled": "rejected",
    "disposed": "rejected",
    "destroyed": "rejected",
    "stolen": "rejected",
}
"""What is not in it (in_progress, conformant, reserved...) says nothing of a decision by quality."""

_WORST_FIRST: Final = ("rejected", "on_hold", "quarantine", "rework", "conditional_release", "released")


def status(dispositions: Iterable[str], step: str, codes: Codes) -> str | None:
    """The status that follows, the worst of several; None where nothing follows. What is held is on hold at least."""
    ours = codes.tables.get("statuses", {})
    found = [said for one in dispositions if one and (said := ours.get(one) or STATUS.get(one)) is not None]
    if not found and step == "holding":
        return ours.get("holding", "on_hold")
    return min(found, key=lambda one: _WORST_FIRST.index(one) if one in _WORST_FIRST else -1, default=None)
