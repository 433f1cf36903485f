"""The kinds of entity that the ledger keeps, by name, in the order in which what they say of others is carried over."""

from streams.ledger.entity import Kind
from streams.ledger.kinds.freight import SHIPMENT
from streams.ledger.kinds.lane import LANE
from streams.ledger.kinds.production import BATCH, LINE
from streams.ledger.kinds.purchasing import ORDER
from streams.ledger.kinds.quality import CAPA, DEVIATION
from streams.ledger.kinds.stock import LOT, MATERIAL, REQUIREMENT
from streams.ledger.kinds.supplier import SUPPLIER

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (DEVIATION, CAPA, SHIPMENT, BATCH, LOT, ORDER, REQUIREMENT, LINE, MATERIAL, SUPPLIER, LANE)
}
