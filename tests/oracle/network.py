"""A small network for tests of the ledger: one partner, one site, a substance made of two materials, a product of that."""

from streams.events.types import Stage
from streams.network.model import Demand, Input, Line, Material, Network, Partner, Route, Site, Source

PARTNER, SITE = "acme", "BSL"

_materials = (
    Material(code="API-1", name="Amlodipine base", uom="KGM", release_days=5, product="AMLO"),
    Material(code="EXC-2", name="Starch", uom="KGM"),
    Material(code="VIAL-3", name="Vial, 10 ml", uom="C62"),
    Material(code="DS-4", name="Amlodipine besylate", uom="KGM", product="AMLO"),
    Material(code="DP-5", name="Amlodipine 5 mg", uom="C62", product="AMLO"),
)

NETWORK = Network(
    version="small",
    partners={PARTNER: Partner(code=PARTNER, name="Acme", silent_after_hours=48)},
    sites={SITE: Site(code=SITE, partner=PARTNER, name="Basel")},
    lines={(SITE, "R1"): Line(code="R1", site=SITE, stage=Stage.DRUG_SUBSTANCE, hours_per_week=100)},
    materials={material.code: material for material in _materials},
    routes={
        (SITE, "AMLO", "DS"): Route(
            product="AMLO", stage=Stage.DRUG_SUBSTANCE, site=SITE, output="DS-4", batch_size=50, lines=("R1", "R2"),
            inputs=(Input(material="API-1", qty=1.5), Input(material="EXC-2", qty=0.25)), release_days=10, hours=40,
        ),
        (SITE, "AMLO", "DP"): Route(
            product="AMLO", stage=Stage.DRUG_PRODUCT, site=SITE, output="DP-5", batch_size=10_000, lines=("R2",),
            inputs=(Input(material="DS-4", qty=0.005), Input(material="VIAL-3", qty=1)), release_days=14, hours=30,
        ),
    },
    sources={
        (SITE, "API-1"): (Source(supplier="S-1", material="API-1", site=SITE, lead_time_days=60),),
        (SITE, "EXC-2"): (Source(supplier="S-2", material="EXC-2", site=SITE, lead_time_days=20, moq=25),),
    },
    demand={(SITE, "DP-5"): (Demand(material="DP-5", site=SITE, per_week=700),)},
    safety_stock={(SITE, "API-1"): 5.0},
)  # fmt: skip
