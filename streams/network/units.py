"""Units of measure: a whitelist of UN/ECE Recommendation 20 common codes, and what one is in another.

Only masses convert to masses and volumes to volumes. Things that are counted (one, each, vials, international units)
convert to nothing but themselves: a pack is not a vial, and how many vials it holds is a bill of material's matter.
"""

from collections.abc import Mapping
from fractions import Fraction

MASS_IN_KILOGRAMS: Mapping[str, Fraction] = {
    "KGM": Fraction(1),
    "GRM": Fraction(1, 10**3),
    "MGM": Fraction(1, 10**6),
    "MC": Fraction(1, 10**9),
    "TNE": Fraction(1000),
    "DTN": Fraction(100),
    "HGM": Fraction(1, 10),
    "LBR": Fraction(45359237, 10**8),
    "ONZ": Fraction(45359237, 16 * 10**8),
}
"""Kilogram, gram, milligram, microgram, tonne, decitonne, hectogram, avoirdupois pound and ounce."""

VOLUME_IN_LITRES: Mapping[str, Fraction] = {
    "LTR": Fraction(1),
    "DLT": Fraction(1, 10),
    "CLT": Fraction(1, 100),
    "MLT": Fraction(1, 10**3),
    "4G": Fraction(1, 10**6),
    "HLT": Fraction(100),
    "MTQ": Fraction(1000),
    "DMQ": Fraction(1),
    "CMQ": Fraction(1, 10**3),
    "MMQ": Fraction(1, 10**6),
    "GLL": Fraction(3785411784, 10**9),
}
"""Litre and its parts, hectolitre, cubic metre, decimetre, centimetre and millimetre, US gallon."""

OTHERS = frozenset(
    ("C62", "EA", "H87", "PR", "SET", "MIL", "NIU", "MTR", "CMT", "MMT", "MTK", "BX", "PK", "BG", "VI", "AM")
)
"""One, each, piece, pair, set, thousand, international units, lengths, area, box, pack, bag, vial, ampoule."""

KNOWN = frozenset(MASS_IN_KILOGRAMS) | frozenset(VOLUME_IN_LITRES) | OTHERS


def factor(unit: str, into: str) -> Fraction | None:
    """What one `unit` is in `into`; None when the one cannot be told in the other (or a code is unknown).

    >>> factor("GRM", "KGM"), factor("EA", "C62"), factor("LTR", "KGM")
    (Fraction(1, 1000), None, None)
    """
    if unit == into:
        return Fraction(1) if unit in KNOWN else None
    for measure in (MASS_IN_KILOGRAMS, VOLUME_IN_LITRES):
        if unit in measure and into in measure:
            return measure[unit] / measure[into]
    return None
