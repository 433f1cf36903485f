"""A network file is read whole or not at all, and whatever is wrong with it is told at once, with its place."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from risk_rules.documents import DocumentError
from streams.events.types import Stage
from streams.network.load import load, parse
from streams.network.model import Input

REFERENCE = Path(__file__).parents[3] / "streams" / "simulation" / "network.yaml"

GOOD = """
partners:
  acme:
    name: Acme AG
    sites:
      BSL:
        name: Basel
        zone: Europe/Zurich
        lines:
          S1: {stage: DS, hours_per_week: 120}
          T1: {stage: DP, hours_per_week: 80}
materials:
  SALT: {name: Salt, uom: KGM, release_days: 3}
  DS-A: {name: Substance, uom: GRM, product: A, temp_min: 2, temp_max: 8}
  DP-A: {name: Vials, uom: C62, product: A}
products:
  A:
    name: Aline
    stages:
      - {stage: DS, site: BSL, lines: [S1], output: DS-A, batch_size: 100, inputs: {SALT: 1.5}}
      - {stage: DP, site: BSL, lines: [T1], output: DP-A, batch_size: 900, inputs: {DS-A: 0.1}}
sources:
  - {supplier: north, material: SALT, site: BSL, lead_time_days: 30, share: 0.3}
  - {supplier: south, material: SALT, site: BSL, lead_time_days: 20, share: 0.7, moq: 50}
demand:
  - {material: DP-A, site: BSL, per_week: 500, first_day: 2026-01-05}
safety_stock:
  - {material: SALT, site: BSL, qty: 40}
contacts:
  - {name: Ann, role: buyer, scope: [SALT, acme]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as refusal:
        parse(text)
    return [str(problem) for problem in refusal.value.problems]


def changed(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_network_knows_who_makes_what_from_what() -> None:
    network = parse(GOOD)
    route = network.routes["BSL", "A", "DP"]
    assert (route.stage, route.output, route.lines) == (Stage.DRUG_PRODUCT, "DP-A", ("T1",))
    assert route.inputs == (Input(material="DS-A", qty=0.1),)
    assert network.sites["BSL"].partner == "acme"
    assert network.lines["BSL", "S1"].hours_per_week == 120
    assert network.safety_stock["BSL", "SALT"] == 40
    assert network.demand["BSL", "DP-A"][0].first_day == "2026-01-05"


def test_the_greatest_supplier_comes_first() -> None:
    assert [source.supplier for source in parse(GOOD).sources["BSL", "SALT"]] == ["south", "north"]


def test_the_version_is_that_of_the_content_and_not_of_its_spelling() -> None:
    assert parse(GOOD).version == parse(GOOD + "\n# a remark\n").version
    assert parse(GOOD).version != parse(changed(("qty: 40", "qty: 41"))).version


def test_the_reference_network_is_right() -> None:
    network = load(REFERENCE)
    assert len({site.partner for site in network.sites.values() if site.code != "VNL"}) >= 4
    assert len(network.products) >= 6


def test_every_problem_is_told_at_once_with_its_place() -> None:
    text = changed(
        ("Europe/Zurich", "Europe/Zürich"),
        ("uom: KGM", "uom: KG"),
        ("lines: [T1]", "lines: [T2]"),
        ("share: 0.7", "share: 0.8"),
    )
    assert problems(text) == [
        "network.yaml:8:15: unknown time zone Europe/Zürich (did you mean Europe/Zurich?)",
        "network.yaml:13:27: unknown unit KG (did you mean KGM?)",
        "network.yaml:21:40: BSL has no line T2 (lines there: S1, T1)",
        "network.yaml:24:77: the shares of SALT at BSL add up to 1.1 (at most 1 in all)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("inputs: {SALT: 1.5}", "inputs: {SLAT: 1.5}", "unknown material SLAT (did you mean SALT?)"),
        ("output: DP-A", "output: DP-B", "unknown material DP-B (did you mean DP-A?)"),
        ("site: BSL, lines: [S1]", "site: BLS, lines: [S1]", "unknown site BLS (did you mean BSL?)"),
        ("product: A, temp", "product: B, temp", "unknown product B (add it to the products)"),
        ("scope: [SALT", "scope: [SOLT", "unknown code SOLT (did you mean SALT?)"),
        ("lines: [S1]", "lines: [T1]", "line T1 of BSL is for DP, not DS (name another line)"),
        ("lines: [S1]", "lines: []", "no line is named (lines at BSL: S1, T1)"),
        ("temp_min: 2", "temp_min: 9", "the lowest temperature 9 is not below the highest 8 (swap them?)"),
        (
            "first_day: 2026-01-05",
            "first_day: 2026-02-30",
            "2026-02-30 is not a day of the calendar (write it as 2026-03-31)",
        ),
        (
            "zone: Europe/Zurich",
            "country: Atlantis",
            "no public holidays are known of Atlantis (use an ISO 3166-1 code such as CH)",
        ),
        (
            "zone: Europe/Zurich",
            "country: CH\n        region: XX",
            "no public holidays are known of XX of CH (use an ISO 3166-2 code such as BY)",
        ),
        ("zone: Europe/Zurich", "region: BS", "a region without a country (add the country)"),
        (
            "zone: Europe/Zurich",
            "closed: [2026-02-30]",
            "2026-02-30 is not a day of the calendar (write it as 2026-03-31)",
        ),
        ("supplier: north", "supplier: south", "south brings SALT to BSL already (give each supplier one entry)"),
        ("stage: DP, site", "stage: DS, site", "A has the stage DS at BSL already (list all lines in one stage)"),
    ],
)
def test_a_slip_is_named_with_what_to_do(old: str, new: str, message: str) -> None:
    assert any(problem.endswith(message) for problem in problems(changed((old, new))))


def test_a_site_works_by_its_own_calendar_and_a_material_is_of_a_sort() -> None:
    network = parse(
        changed(
            ("zone: Europe/Zurich", "zone: Europe/Zurich\n        country: CH\n        closed: [2026-01-06]"),
            ("{name: Salt, uom: KGM", "{name: Salt, class: excipient, uom: KGM"),
        )
    )
    days = [date(2026, 1, day) for day in (1, 3, 5, 6, 7)]
    assert [network.calendars["BSL"].works(day) for day in days] == [False, False, True, False, True]
    assert network.calendars["BSL"].begin(days[2]) == datetime(2026, 1, 4, 23, tzinfo=UTC)
    assert network.materials["SALT"].material_class == "excipient"


def test_goods_cannot_be_made_of_themselves() -> None:
    told = problems(changed(("inputs: {SALT: 1.5}", "inputs: {SALT: 1.5, DP-A: 1}")))
    assert len(told) == 1
    assert "is made of itself" in told[0]


def test_a_site_has_one_owner() -> None:
    other = "  other:\n    name: Other\n    sites:\n      BSL: {name: Basel}\nmaterials:"
    assert "the site BSL stands in line 6 already" in problems(changed(("materials:", other)))[0]


def test_a_code_stands_once() -> None:
    assert (
        "SALT stands here a second time" in problems(changed(("  DS-A:", "  SALT: {name: More, uom: KGM}\n  DS-A:")))[0]
    )


def test_the_shape_of_each_entry_is_checked_and_what_it_names_is_still_known() -> None:
    told = problems(
        changed(
            ("release_days: 3", "release_dais: 3"), ("batch_size: 100", "batch_size: -1"), ("share: 0.3", "share: x")
        )
    )
    assert len(told) == 3
    assert "unknown field release_dais (did you mean release_days?)" in told[0]


def test_an_empty_file_says_what_it_needs() -> None:
    assert "needs at least" in problems("# nothing yet\n")[0]
