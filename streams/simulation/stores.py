"""The stores of a site: quality releases or condemns what came, and the stock is counted every morning."""

from streams.events.types import Disposition
from streams.simulation.state import State
from streams.simulation.stock import Lot


def count(state: State, site: str, day: int) -> None:
    """Reports every lot of a site as it lies there in the morning."""
    for lot in state.stock.at_site(site):
        data = {
            "material_code": lot.material,
            "internal_lot": lot.code,
            "qty_on_hand": lot.qty,
            "uom": state.uom(lot.material),
            "status": lot.status.value,
            "expiry_date": state.calendar.iso(lot.expiry),
        }
        state.journal.tell(site, "raw_material.stock_reported", day, 5, data, _about(lot))


def judge(state: State, day: int) -> None:
    """Releases what was in quarantine long enough; condemns what came spoilt."""
    for lots in state.stock.lots.values():
        for lot in lots:
            if lot.status != Disposition.QUARANTINE:
                continue
            if lot.usable_on is not None and lot.usable_on <= day:
                _decide(state, lot, Disposition.RELEASED, day, None)
            elif lot.condemned_on is not None and lot.condemned_on <= day:
                _decide(state, lot, Disposition.REJECTED, day, "temperature excursion in transit")


def _decide(state: State, lot: Lot, status: Disposition, day: int, reason: str | None) -> None:
    lot.status = status
    data = {"material_code": lot.material, "internal_lot": lot.code, "status": status.value}
    if reason is not None:
        data["reason"] = reason
    state.journal.tell(lot.site, "raw_material.status_changed", day, 9.5, data, _about(lot))


def _about(lot: Lot) -> str:
    return f"lot {lot.site} {lot.code}"
