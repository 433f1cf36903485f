"""Which of a partner's sites a shipment is of: what the places that it goes between are called in the table `sites`.

A place with an empty entry is known and no site of the partner: a supplier's dock, a hub. Without the table all is of the one
site that the partner has.
"""

from collections.abc import Sequence
from typing import NamedTuple

from streams.intake.draft import Codes
from streams.intake.refusal import Reason, Refusal, quoted


class Whose(NamedTuple):
    """Whether a shipment is the partner's business at all, and the site's code (None: the only one)."""

    is_ours: bool
    site: str | None


def whose(places: Sequence[str | None], codes: Codes, place: str) -> Whose:
    """By the places' codes, the best first. Raises `Refusal` (`unknown_code`) when places are named and none is known."""
    named = [one for one in places if one]
    table = codes.tables.get("sites")
    if table is None or not named:
        return Whose(True, None)
    known = [table[one] for one in named if one in table]
    if not known:
        shown = ", ".join(quoted(one) for one in dict.fromkeys(named))
        message = f'No site of the partner: {shown}; put it into the table `sites`, with "" if it is none'
        raise Refusal(Reason.UNKNOWN_CODE, message, place)
    site = next(filter(None, known), None)
    return Whose(site is not None, site)
