"""What helps against the shortage of a material at a site, from its dated flows and the network's suppliers."""

from risk_rules.remedies import Expected, Plan, Remedy, Supply, remedy
from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.entity import MICRO, Entity, Surroundings
from streams.ledger.facts import code
from streams.ledger.kinds.flows import HORIZON_DAYS, Flows, flows_of


def remedy_of(entity: Entity, around: Surroundings) -> Remedy | None:
    """What a buyer can do for a material; None where its plan holds."""
    own, network = code(entity.key), around.network
    supplies = (
        Supply(one.supplier, one.lead_time_days, one.share, one.moq)
        for one in network.sources.get((entity.site, own), ())
    )
    return remedy(_plan(entity, around, own), supplies, network.calendars.get(entity.site, EVERY_WEEKDAY))


def _plan(entity: Entity, around: Surroundings, own: str) -> Plan:
    flows: Flows = flows_of(entity, around)
    material = around.network.materials.get(own)
    safety = flows.safety or round(MICRO * around.network.safety_stock.get((entity.site, own), 0.0))
    return Plan(
        material=own,
        name=material.name if material else own,
        unit=material.uom if material else "",
        today=around.today,
        horizon_days=HORIZON_DAYS,
        opening=flows.opening(),
        safety=safety,
        receipts=[Expected(one.day, one.amount, one.driver) for one in flows.receipts],
        outflows=[(day, -amount) for day, amount in (*flows.needs, *flows.expiring())],
        release_days=flows.release_days,
        scale=MICRO,
    )
