"""Stock: lots, the needs that will draw on them, and what they add up to for a material."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from streams.ledger.entity import MICRO, Entity, Kind, Share, Surroundings, always, iso_ordinal
from streams.ledger.fact import State
from streams.ledger.facts import code, key, material_target
from streams.ledger.kinds.flows import HORIZON_DAYS, flows_of
from streams.ledger.remedies import remedy_of
from streams.ledger.rows import since_2000
from streams.network.model import Network
from streams.network.reach import reach

USABLE: Final = frozenset({"released", "conditional_release"})
"""Dispositions of a lot that may be used."""

LAST_DAY: Final = date.max.toordinal()


def _micro(qty: float) -> int:
    return round(qty * MICRO)


LOT_COLUMNS: Final = (
    "material", "lot", "qty", "allocated", "unit", "status", "expiry_on", "retest_on", "supplier", "supplier_lot", "batch",
    "received_on",
)  # fmt: skip


def lot_columns(entity: Entity) -> tuple[Any, ...]:
    journal = entity.journal
    reported = journal.facts[-1].recorded if journal.facts else None
    return (*map(journal.state.get, LOT_COLUMNS), since_2000(reported))


def lot_shares(entity: Entity, network: Network) -> tuple[Share, ...]:
    """A released lot is usable until it expires; a received one in quarantine will be, when quality is through with it.

    A lot that gives nothing shares nothing, and yet its material is known by it: of none at all there may be a shortage.
    Released or rejected, it tells of its supplier.
    """
    state = entity.journal.state
    get = state.get
    if get("material") is None:
        return ()
    status, qty = get("status"), get("qty") or 0.0
    decided: tuple[Share, ...] = ()
    if status in USABLE:
        amount = round((qty - (get("allocated") or 0.0)) * MICRO)
        bucket = f"U {get('expiry_on') or ''}"
        if "received_on" in state:
            decided = _told_of_supplier(entity, "A", state["received_on"])
    elif status == "quarantine" and get("batch") is None:
        amount, bucket = _micro(qty), f"Q {get('received_on') or ''}"
    else:
        amount, bucket = 0, "U "
        if status == "rejected" and "rejected_on" in state:
            decided = _told_of_supplier(entity, "R", state["rejected_on"])
    return (Share(material_target(entity.site, state["material"]), bucket, amount), *decided)


def _told_of_supplier(entity: Entity, what: str, day: str) -> tuple[Share, ...]:
    """A lot counts with the supplier that it came from, if any."""
    supplier = entity.state.get("supplier")
    return (Share(("supplier", key(entity.site, supplier)), f"{what} {iso_ordinal(day)}", 1),) if supplier else ()


def usable_qty(state: State) -> float:
    """What of a lot may be used: released, and not promised elsewhere."""
    return (state.get("qty") or 0.0) - (state.get("allocated") or 0.0) if state.get("status") in USABLE else 0.0


def _days_to(day: str | None, around: Surroundings) -> float | None:
    return None if day is None else float(iso_ordinal(day) - around.today)


LOT_FEATURES: Final[Mapping[str, Callable[[Entity, Surroundings], Any]]] = {
    "site": lambda lot, around: lot.site,
    "partner": lambda lot, around: lot.partner,
    "silent": lambda lot, around: around.silent(lot.partner, lot.site),
    "material": lambda lot, around: lot.state.get("material"),
    "lot": lambda lot, around: lot.state.get("lot"),
    "unit": lambda lot, around: lot.state.get("unit") or "",
    "status": lambda lot, around: lot.journal.state.get("status") or "",
    "qty": lambda lot, around: lot.journal.state.get("qty") or 0.0,
    "usable_qty": lambda lot, around: usable_qty(lot.state),
    "days_to_expiry": lambda lot, around: _days_to(lot.state.get("expiry_on"), around),
    "days_to_retest": lambda lot, around: _days_to(lot.state.get("retest_on"), around),
    "events": lambda lot, around: lot.journal.count,
}


def lot_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    """Only what is asked for: there are many lots, and few rules about them."""
    return {name: LOT_FEATURES[name](entity, around) for name in needs}


LOT = Kind("lot", lot_columns, shares=lot_shares, features=lot_features)


def requirement_columns(entity: Entity) -> tuple[Any, ...]:
    get = entity.state.get
    return (get("material"), get("unit"), dict(sorted(get("forecast", {}).items())), get("safety_stock"))


def requirement_shares(entity: Entity, network: Network) -> tuple[Share, ...]:
    """Each need of the report, on its day; and the safety stock that the site asks for."""
    state = entity.state
    if not state:
        return ()
    target = material_target(entity.site, state["material"])
    shares = [Share(target, f"F {day}", _micro(qty)) for day, qty in state["forecast"].items() if qty]
    if state.get("safety_stock"):
        shares.append(Share(target, "SS", _micro(state["safety_stock"])))
    return tuple(shares)


REQUIREMENT = Kind("requirement", requirement_columns, shares=requirement_shares)


def material_columns(entity: Entity) -> tuple[Any, ...]:
    usable = sum(amount for bucket, amount in entity.tallies.items() if bucket.startswith("U "))
    quarantine = sum(amount for bucket, amount in entity.tallies.items() if bucket.startswith("Q "))
    get = (entity.view or {}).get
    return (
        code(entity.key), get("unit"), usable / MICRO, quarantine / MICRO, get("inbound_qty"),
        get("required_qty"), get("days_of_supply"), get("shortage_on"), get("shortage_qty"), get("below_safety_in_days"),
    )  # fmt: skip


def material_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    own = code(entity.key)
    network, today = around.network, around.today
    flows = flows_of(entity, around)
    safety = flows.safety or round(MICRO * network.safety_stock.get((entity.site, own), 0.0))
    projection = flows.project(safety)
    certain = flows.project(0, flows.doubtful) if flows.doubtful else projection
    sources = network.sources.get((entity.site, own), ())
    source = min(sources, key=lambda s: s.lead_time_days) if sources else None
    material = network.materials.get(own)
    shortage, last = projection.shortage_day, today + HORIZON_DAYS
    order_day = None if shortage is None or source is None else shortage - round(source.lead_time_days)
    upcoming = min(flows.receipts) if flows.receipts else None
    required = sum([amount for day, amount in flows.needs if day <= last])
    doubtful = sum([amount for _, amount in flows.doubtful])
    reached = reach(network, entity.site, own, today)
    features: dict[str, Any] = {
        "site": entity.site,
        "partner": entity.partner,
        "silent": around.silent(entity.partner, entity.site),
        "material": own,
        "name": material.name if material else own,
        "unit": material.uom if material else "",
        "usable_qty": flows.opening() / MICRO,
        "quarantine_qty": flows.quarantine / MICRO,
        "inbound_qty": sum([one.amount for one in flows.receipts if one.day <= last]) / MICRO,
        "required_qty": required / MICRO,
        "days_of_supply": projection.days_of_supply,
        "shortage_in_days": None if shortage is None else shortage - today,
        "shortage_on": _date(shortage),
        "shortage_qty": projection.deficit / MICRO,
        "below_safety_in_days": None if projection.below_safety_day is None else projection.below_safety_day - today,
        "safety_stock": safety / MICRO,
        "lead_time_days": source.lead_time_days if source else None,
        "supplier": source.supplier if source else None,
        "moq": source.moq if source else 0.0,
        "order_by": _date(order_day),
        "order_in_days": None if order_day is None else order_day - today,
        "next_receipt_on": _date(upcoming[0]) if upcoming else None,
        "next_receipt_qty": upcoming[1] / MICRO if upcoming else 0.0,
        "overdue_receipt_qty": flows.overdue / MICRO,
        "lateness_days": float(max([one.day - one.first for one in flows.receipts], default=0)),
        "doubtful_qty": doubtful / MICRO,
        "shortage_without_doubtful_in_days": None if certain.shortage_day is None else certain.shortage_day - today,
        "shortage_without_doubtful_on": _date(certain.shortage_day),
        "days_at_risk": _days_of(projection.deficit, required),
        "days_in_doubt": _days_of(doubtful, required),
        "products_touched": len(reached.products),
        "products_share": reached.products_share,
        "demand_per_week": reached.per_week,
    }
    entity.view = features
    return features


def _days_of(amount: int, required: int) -> float | None:
    """For how long an amount covers the mean requirement of the horizon; None where nothing is required."""
    return amount / required * (HORIZON_DAYS + 1) if required else None


def _date(day: int | None) -> date | None:
    """The day of an ordinal; None for one that no calendar has, since some write 9999-12-31 where they know no day."""
    return None if day is None or day > LAST_DAY else date.fromordinal(day)


MATERIAL = Kind(
    "material", material_columns, features=material_features, open=always, rests_on_tallies=True, remedy=remedy_of
)
