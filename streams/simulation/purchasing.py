"""Raw materials: ordered by lead time, confirmed by the supplier, sent, and sometimes late."""

from math import ceil

from streams.network.model import Source
from streams.simulation import transport
from streams.simulation.chance import dice
from streams.simulation.state import Order, State

ON_THE_WAY_DAYS = 6
"""Suppliers send so many days before they must deliver."""


def place(state: State, sources: tuple[Source, ...], qty: float) -> Order:
    """Orders `qty` (or the supplier's least quantity) of a raw material, from suppliers by their shares."""
    code = f"PO-{sources[0].site}-{sources[0].material}-{state.number(f'order {sources[0].site} {sources[0].material}'):03}"
    luck = dice(state.seed, "order", code)
    source = luck.choices(sources, [source.share for source in sources])[0]
    due = state.today + ceil(source.lead_time_days)
    order = Order(
        code=code,
        site=source.site,
        material=source.material,
        supplier=source.supplier,
        qty=max(qty, source.moq),
        placed=state.today,
        due=due,
        expected=due + luck.choice((-1, 0, 0, 0, 1)),
        confirm_on=state.today + luck.randint(1, 3),
    )
    state.orders[code] = order
    told = {
        "po_no": code,
        "material_code": order.material,
        "qty": order.qty,
        "uom": state.uom(order.material),
        "supplier": order.supplier,
        "due_date": state.calendar.iso(due),
        "moq": source.moq,
        "lead_time_days": source.lead_time_days,
    }
    state.journal.tell(order.site, "raw_material.order_placed", state.today, 16.5, told, f"order {code}")
    return order


def follow(state: State, day: int) -> None:
    """One day of all orders that nothing was sent for."""
    for order in list(state.orders.values()):
        if order.confirm_on == day:
            told = {"po_no": order.code, "material_code": order.material}
            told["confirmed_date"] = state.calendar.iso(order.expected)
            state.journal.tell(order.site, "raw_material.order_confirmed", day, 10.5, told, f"order {order.code}")
        if order.expected - ON_THE_WAY_DAYS <= day and order.confirm_on < day:
            del state.orders[order.code]
            transport.depart(state, transport.book_delivery(state, order), day)
