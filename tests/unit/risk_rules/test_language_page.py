"""The page about the language names all that the language has."""

from pathlib import Path

import pytest

from risk_rules.expressions.call_types import SPECIAL
from risk_rules.expressions.functions import FUNCTIONS, METHODS
from risk_rules.expressions.parser import COMPREHENSIONS
from risk_rules.expressions.units import SECONDS

PAGE = (Path(__file__).parents[3] / "docs" / "language.md").read_text()


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *METHODS, *SPECIAL, *COMPREHENSIONS}))
def test_every_function_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE or f"{name}(" in PAGE


@pytest.mark.parametrize("unit", SECONDS)
def test_every_unit_is_on_the_page(unit: str) -> None:
    assert f" {unit}`" in PAGE
