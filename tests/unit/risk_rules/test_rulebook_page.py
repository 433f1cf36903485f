"""A rulebook that ships has a page that says all of it, and the page is made from the file."""

from pathlib import Path

import pytest

import risk_rules
from risk_rules import rulebook
from risk_rules.documents import Document
from risk_rules.rulebook_page import page

SHIPPED = sorted((Path(risk_rules.__file__).parent / "rulebooks").glob("*.yaml"))
PAGES = Path(risk_rules.__file__).parents[1] / "docs" / "rulebooks"

OURS = """\
# What we look at.
rulebook: 1
parameters:
  few_days: {value: 5, unit: days, meaning: How few days are few.}
  unused: {value: 1, meaning: Nothing.}
define:
  few: {is: days_of_supply < few_days, meaning: There is little of it.}
rules:
  - id: little-left
    subject: material
    kind: little
    owner: buyer
    applies: {site: [BSL, HYD]}
    when: few
    for: {working_days: 2}
    meanwhile: watch
    exit: days_of_supply > few_days
    severity: warning
    likelihood: 0.5
    impact: clamp(days_of_supply / 100, 0, 1)
    factors: [{of: days_of_supply, reference: null}]
    summary: "{material} at {site}: little left"
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_page_of_a_rulebook_that_ships_is_current(path: Path) -> None:
    kept = (PAGES / f"{path.stem}.md").read_text(encoding="utf-8")
    assert kept == page(path.stem, Document.load(path)), "run `make docs`"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_page_names_every_rule_and_every_parameter(path: Path) -> None:
    written, book = page(path.stem, Document.load(path)), rulebook.load([path])
    assert all(f"\n## {rule.id}\n" in written for rule in book.rules)
    assert all(f"| `{name}` |" in written for name in book.parameters)


def test_a_rule_is_told_with_its_own_parameters_and_those_beneath_its_definitions() -> None:
    written = page("ours", Document.parse(OURS, "ours.yaml"))
    rule = written[written.index("## little-left") : written.index("## All parameters")]
    for line in (
        "> {material} at {site}: little left",
        "- owner: buyer",
        "- applies to: site `BSL, HYD`",
        "- when: `few`",
        "- for: `2` working days, until then at most watch",
        "- stays until: `days_of_supply > few_days`",
        "- likelihood: `0.5`",
        "- factors (and their value where nothing is wrong): `days_of_supply` (none)",
        "- `few` is `days_of_supply < few_days`: there is little of it.",
        "| `few_days` | 5 days | How few days are few. |",
    ):
        assert f"\n{line}\n" in rule
    assert "unused" not in rule
    assert "What we look at." in written
