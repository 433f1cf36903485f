"""What is wrong in what partners send: slips that they correct, bookings that never were, records that nobody can read."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streams.simulation.envelope import Notice

MISREAD = 1.02
"""A slip of the pen: some per cent too much."""


def slip_of_the_pen(data: Mapping[str, object]) -> dict[str, object] | None:
    """The same with a quantity a little wrong; None when it has none."""
    for name in ("qty_on_hand", "yield_actual", "qty"):
        value = data.get(name)
        if isinstance(value, float | int):
            return {**data, name: round(value * MISREAD, 3)}
    return None


def phantom(notice: "Notice") -> "Notice | None":
    """An adjustment that never happened, of a lot that was just counted."""
    if notice.type != "cdmo.raw_material.stock_reported":
        return None
    qty = notice.data["qty_on_hand"]
    assert isinstance(qty, float | int)
    lot = {name: notice.data[name] for name in ("material_code", "internal_lot", "uom")}
    data = lot | {"qty": round(qty * 0.005, 3), "reason": "recount"}
    return notice._replace(type="cdmo.raw_material.adjusted", data=data, more=(), corrects=None, wrong=None)


def spoilt(envelope: Mapping[str, object], luck: Random) -> bytes:
    """A record with one fault that cannot be overlooked."""
    return luck.choice(FAULTS)(dict(envelope))


def _encoded(envelope: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(envelope)


def _cut_off(envelope: dict[str, object]) -> bytes:
    return _encoded(envelope)[:-17]


def _not_utf8(envelope: dict[str, object]) -> bytes:
    return _encoded(envelope).replace(b'"siteid"', b'"\xff\xfesiteid"', 1)


def _without_id(envelope: dict[str, object]) -> bytes:
    del envelope["id"]
    return _encoded(envelope)


def _without_offset(envelope: dict[str, object]) -> bytes:
    envelope["time"] = str(envelope["time"])[:19]
    return _encoded(envelope)


def _unknown_type(envelope: dict[str, object]) -> bytes:
    envelope["type"] = "cdmo.batch.evaporated"
    return _encoded(envelope)


def _unknown_site(envelope: dict[str, object]) -> bytes:
    envelope["siteid"] = "XXX"
    return _encoded(envelope)


def _text_for_data(envelope: dict[str, object]) -> bytes:
    envelope["data"] = "see attachment"
    return _encoded(envelope)


def _empty(envelope: dict[str, object]) -> bytes:
    return b""


FAULTS: tuple[Callable[[dict[str, object]], bytes], ...] = (
    _cut_off,
    _not_utf8,
    _without_id,
    _without_offset,
    _unknown_type,
    _unknown_site,
    _text_for_data,
    _empty,
)
