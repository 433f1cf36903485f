"""Lanes: from where and how goods come to a site, how long that takes, and how often they come when they should."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple, Self

from risk_rules.methods.proportion import Proportion, proportion
from risk_rules.methods.spread import Spread
from streams.ledger.entity import Entity, Kind, Surroundings
from streams.ledger.facts import codes
from streams.ledger.kinds import rates
from streams.ledger.kinds.past_orders import UNKNOWN

WINDOW: Final = timedelta(days=365)
LATE_DAYS: Final = 2
"""A shipment that comes so many days after its first plan still counts as on time."""

LONGEST: Final = 365
"""Days under way; more is a slip of a date."""


class Passage(NamedTuple):
    """How a shipment fared on its lane. Days as proleptic ordinals, None where not known or not yet."""

    departed: int | None
    planned: int | None
    received: int | None

    def bucket(self) -> str:
        """The bucket of a tally in which passages like this one are counted."""
        return f"P {' '.join(UNKNOWN if day is None else str(day) for day in self)}"

    @classmethod
    def read(cls, bucket: str) -> Self:
        """From its bucket."""
        return cls(*(None if day == UNKNOWN else int(day) for day in bucket.split(" ")[1:]))

    @property
    def transit_days(self) -> int | None:
        """From departure to receipt; None where it is not over, or the dates cannot be."""
        if self.departed is None or self.received is None:
            return None
        days = self.received - self.departed
        return days if 0 <= days <= LONGEST else None


class Passages:
    """All shipments of a lane so far."""

    def __init__(self, tallies: Mapping[str, int]) -> None:
        self.of = {Passage.read(bucket): count for bucket, count in tallies.items() if bucket.startswith("P ")}

    @property
    def under_way(self) -> int:
        """Shipments that left and were not received."""
        return sum(n for one, n in self.of.items() if one.departed is not None and one.received is None)

    def transit(self, since: int = 0) -> Spread | None:
        """Days from departure to receipt, of those received from a day on; None without any."""
        days: dict[int, float] = {}
        for one, n in self.of.items():
            if one.transit_days is not None and (one.received or 0) >= since:
                days[one.transit_days] = days.get(one.transit_days, 0) + n
        return Spread.of(days) if days else None

    def series(self) -> list[list[Any]]:
        """The day of receipt and the days of transit of each shipment that came, in order of time."""
        days = sorted(
            (one.received or 0, one.transit_days, n) for one, n in self.of.items() if one.transit_days is not None
        )
        return [[day, took] for day, took, n in days for _ in range(n)]

    def on_time(self, since: int, today: int) -> Proportion | None:
        """Of the shipments whose time was over from a day on, those received within `LATE_DAYS` of their first plan."""
        over = [
            (one.received is not None and one.received <= one.planned + LATE_DAYS, n)
            for one, n in self.of.items()
            if one.planned is not None and since <= one.planned + LATE_DAYS < today
        ]
        return proportion(good for good, n in over for _ in range(n))


class _Seen(NamedTuple):
    """What the features of a lane are worked out from."""

    entity: Entity
    around: Surroundings
    passages: Passages

    @property
    def since(self) -> int:
        return self.around.today - WINDOW.days

    def transit(self, part: float) -> float | None:
        spread = self.passages.transit(self.since)
        return None if spread is None else float(spread.quantile(part))

    def on_time(self) -> Proportion | None:
        return self.passages.on_time(self.since, self.around.today)


FEATURES: Final[Mapping[str, Callable[[_Seen], Any]]] = {
    "site": lambda seen: seen.entity.site,
    "partner": lambda seen: seen.entity.partner,
    "silent": lambda seen: seen.around.silent(seen.entity.partner, seen.entity.site),
    "origin": lambda seen: codes(seen.entity.key)[0],
    "mode": lambda seen: codes(seen.entity.key)[1],
    "under_way": lambda seen: seen.passages.under_way,
    "transit_days": lambda seen: seen.transit(0.5),
    "transit_p90_days": lambda seen: seen.transit(0.9),
    "transits": lambda seen: seen.passages.series(),
    "on_time_share": lambda seen: rates.share(seen.on_time()),
    "on_time_lower": lambda seen: rates.lower(seen.on_time()),
}


def features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    """Only what is asked for."""
    seen = _Seen(entity, around, Passages(entity.tallies))
    return {name: FEATURES[name](seen) for name in needs}


def columns(entity: Entity) -> tuple[Any, ...]:
    passages = Passages(entity.tallies)
    transit = passages.transit()
    origin, mode = codes(entity.key)
    median = None if transit is None else float(transit.quantile(0.5))
    return (origin, mode, sum(passages.of.values()), passages.under_way, median)


LANE = Kind("lane", columns, features=features, rests_on_tallies=True)
