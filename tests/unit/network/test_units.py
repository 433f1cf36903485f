"""Masses convert to masses and volumes to volumes; what is counted converts to nothing else."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.network.units import KNOWN, factor


@pytest.mark.parametrize(
    ("unit", "into", "expected"),
    [
        ("KGM", "GRM", 1000),
        ("MGM", "KGM", Fraction(1, 10**6)),
        ("TNE", "KGM", 1000),
        ("MLT", "LTR", Fraction(1, 1000)),
        ("EA", "EA", 1),
    ],
)
def test_a_unit_in_another_is_exact(unit: str, into: str, expected: Fraction) -> None:
    assert factor(unit, into) == expected


@pytest.mark.parametrize(
    ("unit", "into"), [("EA", "C62"), ("NIU", "MGM"), ("LTR", "KGM"), ("XYZ", "XYZ"), ("kgm", "KGM")]
)
def test_what_cannot_be_converted_is_not_guessed(unit: str, into: str) -> None:
    assert factor(unit, into) is None


@given(st.sampled_from(sorted(KNOWN)), st.sampled_from(sorted(KNOWN)))
def test_there_and_back_is_where_one_was(unit: str, into: str) -> None:
    there, back = factor(unit, into), factor(into, unit)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there * back == 1
