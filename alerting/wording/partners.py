"""What a partner may read of an alert about itself: nothing of others, nothing that was worked out from theirs.

Kept are the subject, which the partner itself reported, the day, the quantity at its own site, and the summary as long as
it names nobody else. Left out are the score, the likelihood and the factors, which weigh what hangs on a shared material
elsewhere; advice and remedies, which name suppliers and what we mean to do; the product; and who of us owns it.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from alerting.wording.facts import Facts
from alerting.wording.single import words

Others = Callable[[str], re.Pattern[str] | None]
"""Finds in a text what does not belong to a partner; None: there is nothing to look for."""


def nobody(_partner: str) -> None:
    """For a desk that knows of no network: nothing to look for."""


def any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that finds these names and codes as whole words, in capitals or not."""
    known = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
    if not known:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", re.IGNORECASE)


def for_partner(facts: Facts, others: re.Pattern[str] | None) -> Facts:
    """The facts as a partner may read them."""
    summary = words(facts.kind) if _names(others, facts) else facts.summary
    return msgspec.structs.replace(
        facts, summary=summary, advice="", factors=(), remedy=None, likelihood=None, owner=None, product=None
    )


def _names(others: re.Pattern[str] | None, facts: Facts) -> bool:
    """Whether the summary names somebody else. The codes of the subject are the partner's own, whoever else has them."""
    if others is None:
        return False
    own = {one.casefold() for one in (facts.thing, facts.site, facts.partner, facts.material) if one}
    return any(found.group().casefold() not in own for found in others.finditer(facts.summary))
