"""What hangs on a material: products and patients, through bills of material and sites that supply each other."""

from datetime import date
from pathlib import Path

import pytest

from streams.network.load import load, parse
from streams.network.reach import reach, touched

REFERENCE = Path(__file__).parents[3] / "streams" / "simulation" / "network.yaml"
TODAY = date(2026, 4, 1).toordinal()

CHAIN = """
partners:
  acme:
    name: Acme AG
    sites:
      BSL: {name: Basel, lines: {S1: {stage: DS, hours_per_week: 120}}}
      LYN: {name: Lyon, lines: {F1: {stage: DP, hours_per_week: 120}}}
      VNL: {name: Venlo}
materials:
  SALT: {name: Salt, uom: KGM}
  GLASS: {name: Vials, uom: C62}
  DS-A: {name: Substance A, uom: GRM, product: A}
  DP-A: {name: Vials of A, uom: C62, product: A}
  DP-B: {name: Vials of B, uom: C62, product: B}
products:
  A:
    name: Aline
    stages:
      - {stage: DS, site: BSL, lines: [S1], output: DS-A, batch_size: 100, inputs: {SALT: 1.5}}
      - {stage: DP, site: LYN, lines: [F1], output: DP-A, batch_size: 900, inputs: {DS-A: 0.1, GLASS: 1.02}}
  B:
    name: Beline
    stages:
      - {stage: DP, site: LYN, lines: [F1], output: DP-B, batch_size: 900, inputs: {GLASS: 1.02}}
sources:
  - {supplier: BSL, material: DS-A, site: LYN, lead_time_days: 40}
  - {supplier: LYN, material: DP-A, site: VNL, lead_time_days: 20, share: 0.5}
demand:
  - {material: DP-A, site: VNL, per_week: 500, last_day: 2026-06-30}
  - {material: DP-A, site: VNL, per_week: 800, first_day: 2026-07-01}
"""


def test_a_raw_material_serves_the_patients_of_what_is_made_of_it() -> None:
    found = reach(parse(CHAIN), "BSL", "SALT", TODAY)
    assert found.products == {"A"}
    assert found.products_share == 0.5
    # Half of 500 vials a week come through Lyon, each of 0.1 g, each gram of 1.5 kg of salt.
    assert found.per_week == pytest.approx(500 * 0.5 * 0.1 * 1.5)


def test_what_two_products_are_filled_into_touches_both() -> None:
    assert reach(parse(CHAIN), "LYN", "GLASS", TODAY).products == {"A", "B"}


def test_demand_counts_on_the_days_for_which_it_is_stated() -> None:
    assert reach(parse(CHAIN), "VNL", "DP-A", TODAY).per_week == 500
    assert reach(parse(CHAIN), "VNL", "DP-A", date(2026, 7, 1).toordinal()).per_week == 800


def test_where_no_demand_is_stated_nobody_knows_what_patients_draw() -> None:
    assert reach(parse(CHAIN), "LYN", "DP-B", TODAY).per_week is None
    assert reach(parse(CHAIN), "BSL", "GLASS", TODAY) == (frozenset(), 0.0, None)


def test_sites_that_supply_each_other_do_not_go_round_in_circles() -> None:
    mutual = CHAIN.replace(
        "demand:", "  - {supplier: LYN, material: DS-A, site: BSL, lead_time_days: 9, share: 0.1}\ndemand:"
    )
    assert reach(parse(mutual), "BSL", "SALT", TODAY).products == {"A"}


def test_a_load_touches_all_that_its_goods_serve_and_lasts_as_long_as_the_longest() -> None:
    network = parse(CHAIN)
    found, days = touched(network, {("VNL", "DP-A"): 1000.0, ("LYN", "GLASS"): 51.0}, TODAY)
    assert found.products == {"A", "B"}
    assert days == pytest.approx(14)
    assert touched(network, {}, TODAY)[1] is None


def test_a_carton_of_the_reference_network_touches_what_its_site_packs() -> None:
    network = load(REFERENCE)
    assert reach(network, "LDZ", "PK-CARTON", TODAY).products == {"OST", "BEX", "DOR", "HEX"}
    assert reach(network, "BSL", "RM-VEL-KSM", TODAY).products == {"VEL"}
