"""What became of orders: the form in which an order counts with its supplier, whole days in the place of what they came to.

Each order gives one entry, and the same entry again takes it back, so that it does not matter when and in what order things
become known, and a restart changes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, Self

UNKNOWN: Final = "-"


class PastOrder(NamedTuple):
    """Days as proleptic ordinals, None where not known or not yet. `lane`: from where and how most of it came, empty where
    no shipment brought it. `due`: as first promised, else as asked for. `half`, `full`: when half of it, and all but what
    is forgiven, had come.
    """

    ordered: int | None
    due: int | None
    half: int | None
    full: int | None
    lane: str

    def bucket(self) -> str:
        """The bucket of a tally in which orders like this one are counted."""
        days = [UNKNOWN if day is None else str(day) for day in self[:4]]
        return f"O {' '.join(days)} {self.lane}"

    @classmethod
    def read(cls, bucket: str) -> Self:
        """From its bucket."""
        _, *days, lane = bucket.split(" ", 5)
        ordered, due, half, full = (None if day == UNKNOWN else int(day) for day in days)
        return cls(ordered, due, half, full, lane)

    @property
    def lead_days(self) -> int | None:
        """From the order until half of it had come. Below zero where dates are wrong."""
        return None if self.ordered is None or self.half is None else self.half - self.ordered


def past_orders(tallies: Mapping[str, int]) -> Iterator[tuple[PastOrder, int]]:
    """The orders among some tallies, and how many there are of each."""
    for bucket, count in tallies.items():
        if bucket.startswith("O "):
            yield PastOrder.read(bucket), count
