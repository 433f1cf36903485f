"""Amounts of papers, and the codes of what they are of."""

import re
from collections.abc import Sequence

from streams.intake.draft import Codes
from streams.intake.refusal import Reason, Refusal, quoted

_number = re.compile(r"\d{1,15}(?:[.,]\d{1,12})?|[.,]\d{1,12}", re.ASCII)
_sscc = re.compile(r"(?:\(00\)|00)?(\d{18})", re.ASCII)


def amount(text: str, place: str) -> float:
    """An amount, with a point or a comma before its decimals. Raises `Refusal` (`bad_value`)."""
    if _number.fullmatch(text) is None:
        raise Refusal(Reason.BAD_VALUE, f"{quoted(text)} is not an amount", place)
    return float(text.replace(",", "."))


def material(found: Sequence[str], codes: Codes, place: str) -> str:
    """Our code of a material by the codes that a paper has for it, ours first.

    With a table `materials` it is the first that stands there. Raises `Refusal`: `missing_value` without any code,
    `unknown_code` when the table has none of them.
    """
    if not found:
        raise Refusal(Reason.MISSING_VALUE, "The line has no code of a material", place)
    known = codes.tables.get("materials")
    if known is None:
        return found[0]
    for one in found:
        if one in known:
            return known[one]
    shown = ", ".join(quoted(one) for one in dict.fromkeys(found[:5]))
    raise Refusal(Reason.UNKNOWN_CODE, f"The table 'materials' of the partner's profile does not know {shown}", place)


def sscc(text: str) -> str:
    """The number of a pallet or a box: an SSCC without its application identifier (00), anything else as it is."""
    found = _sscc.fullmatch(text)
    return found[1] if found else text
