"""What became of receipts: the form in which an order or a batch that is over counts with its material.

Each gives one entry, and the same entry again takes it back, so that it does not matter when and in what order things become
known, and a restart changes nothing.
"""

from typing import NamedTuple, Self

from streams.ledger.kinds.past_orders import UNKNOWN


class PastReceipt(NamedTuple):
    """What became of one order or batch of a material. Days; None where not known.

    `lead`: from the order until half of it had come. `slip`: later than first promised, `slips.NEVER` for what was rejected.
    `supplier`: empty for a batch.
    """

    lead: int | None
    slip: int | None
    came: int | None
    supplier: str

    def bucket(self) -> str:
        """The bucket of a tally in which the like are counted."""
        days = (UNKNOWN if day is None else str(day) for day in self[:3])
        return f"H {' '.join(days)} {self.supplier}"

    @classmethod
    def read(cls, bucket: str) -> Self:
        """From its bucket."""
        _, *told, supplier = bucket.split(" ", 4)
        lead, slip, came = (None if day == UNKNOWN else int(day) for day in told)
        return cls(lead, slip, came, supplier)
