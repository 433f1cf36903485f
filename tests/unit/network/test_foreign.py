"""What of a network a partner may not read of."""

from streams.network.foreign import foreign, names_of_others
from streams.network.load import parse

NETWORK = parse("""
partners:
  acme: {name: Acme AG, sites: {BSL: {name: Basel, lines: {S1: {stage: DS, hours_per_week: 100}}}}}
  borealis: {name: Borealis AS, sites: {OSL: {name: Oslo, lines: {S1: {stage: DS, hours_per_week: 100}}}}}
materials:
  SALT: {name: Sodium chloride, uom: KGM}
  LIPID: {name: Lipid three, uom: KGM}
  DS-A: {name: Substance A, uom: KGM, product: A}
  DS-B: {name: Substance B, uom: KGM, product: B}
products:
  A: {name: Amlodin, stages: [{stage: DS, site: BSL, output: DS-A, batch_size: 10, lines: [S1], inputs: {SALT: 1}}]}
  B: {name: Bisolex, stages: [{stage: DS, site: OSL, output: DS-B, batch_size: 10, lines: [S1], inputs: {SALT: 1, LIPID: 2}}]}
sources:
  - {supplier: Merck, material: SALT, site: BSL, lead_time_days: 10}
  - {supplier: Avanti, material: LIPID, site: OSL, lead_time_days: 10}
""")


def test_other_partners_their_sites_goods_products_and_suppliers_are_none_of_its_business() -> None:
    assert names_of_others(NETWORK, "acme") == {
        "borealis", "Borealis AS", "OSL", "Oslo", "LIPID", "Lipid three", "DS-B", "Substance B", "B", "Bisolex", "Avanti",
    }  # fmt: skip


def test_a_shared_material_is_everybodys() -> None:
    assert not {"SALT", "Sodium chloride"} & (names_of_others(NETWORK, "acme") | names_of_others(NETWORK, "borealis"))


def test_names_are_found_as_whole_words() -> None:
    found = foreign(NETWORK, "acme")
    assert found is not None
    assert found.search("made at osl, from stock")
    assert not found.search("the console of OSLO2")
    assert foreign(NETWORK, "borealis") is not found
