"""Suppliers of a site: how long they take, how well they keep their word, and what quality thinks of their lots."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from itertools import repeat
from typing import Any, Final

from risk_rules.methods import lead_times
from risk_rules.methods.lead_times import LeadTimes
from risk_rules.methods.otif import Delivery, OrderLine, Otif, Rule, otif
from risk_rules.methods.proportion import Proportion, proportion
from risk_rules.methods.spread import Spread
from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.entity import Entity, Kind, Surroundings
from streams.ledger.facts import code
from streams.ledger.kinds import rates
from streams.ledger.kinds.past_orders import PastOrder, past_orders

WINDOW_DAYS: Final = 365
LATE_WORKING_DAYS: Final = 2
"""What comes so many working days after the first promise still counts as on time."""


class History:
    """What a site has seen of a supplier: by the tallies that its orders and lots keep with it."""

    def __init__(self, tallies: Mapping[str, int]) -> None:
        self._tallies = tallies

    def _by_day(self, what: str) -> dict[int, int]:
        chosen = ((bucket.split(" "), count) for bucket, count in self._tallies.items())
        return dict(sorted((int(told[1]), count) for told, count in chosen if told[0] == what))

    @cached_property
    def accepted(self) -> dict[int, int]:
        """Lots that came from it and are released, by the day of their receipt."""
        return self._by_day("A")

    @cached_property
    def rejected(self) -> dict[int, int]:
        """Rejected lots, by the day on which that was first reported."""
        return self._by_day("R")

    @cached_property
    def orders(self) -> list[tuple[PastOrder, int]]:
        """What became of its orders, and how often."""
        return list(past_orders(self._tallies))

    @cached_property
    def lead_days(self) -> Spread | None:
        """From order to receipt (of half of it), what is out of all reason left out or drawn in; None without any."""
        learned = LeadTimes(counts={})
        for order, count in self.orders:
            if order.lead_days is not None and 0 <= order.lead_days <= lead_times.LONGEST_DAYS:
                learned.counts[order.lead_days] = learned.counts.get(order.lead_days, 0) + count
        return lead_times.expected([learned])

    def lead_series(self) -> list[list[int]]:
        """The day on which half of an order had come, and the days since it was placed, in order of time."""
        came = sorted((one.half or 0, one.lead_days, n) for one, n in self.orders if one.lead_days is not None)
        return [[day, took] for day, took, n in came for _ in range(n) if 0 <= took <= lead_times.LONGEST_DAYS]

    def open_orders(self, before: int | None = None) -> int:
        """Orders that have not come in full; those due before a day."""
        return sum(
            count
            for order, count in self.orders
            if order.full is None and (before is None or (order.due is not None and order.due < before))
        )

    def acceptance(self, since: int) -> Proportion | None:
        """Of the lots received or rejected from a day on, those that quality accepted; None without any."""
        good = sum(count for day, count in self.accepted.items() if day >= since)
        bad = sum(count for day, count in self.rejected.items() if day >= since)
        return proportion([*repeat(True, good), *repeat(False, bad)])

    def otif(self, rule: Rule, since: int, today: int) -> Otif | None:
        """On time and in full, of the orders that were due from a day on; None without any whose time is over."""
        lines = (
            (OrderLine(1.0, _came(order), first_promised=date.fromordinal(order.due)), count)
            for order, count in self.orders
            if order.due is not None and since <= order.due < today
        )
        return otif((line for line, count in lines for _ in range(count)), rule, date.fromordinal(today))


def _came(order: PastOrder) -> list[Delivery]:
    return [] if order.full is None else [Delivery(date.fromordinal(order.full), 1.0)]


class _Seen:
    """What the features of a supplier are worked out from."""

    def __init__(self, entity: Entity, around: Surroundings) -> None:
        self.entity, self.around = entity, around
        self.history = History(entity.tallies)
        self.since = around.today - WINDOW_DAYS

    def lead_days(self, part: float) -> float | None:
        spread = self.history.lead_days
        return None if spread is None else round(spread.quantile(part), 1)

    @cached_property
    def acceptance(self) -> Proportion | None:
        return self.history.acceptance(self.since)

    @cached_property
    def otif(self) -> Proportion | None:
        calendar = self.around.network.calendars.get(self.entity.site, EVERY_WEEKDAY)
        rates = self.history.otif(Rule(late_days=LATE_WORKING_DAYS, calendar=calendar), self.since, self.around.today)
        return None if rates is None else rates.otif


FEATURES: Final[Mapping[str, Callable[[_Seen], Any]]] = {
    "site": lambda seen: seen.entity.site,
    "partner": lambda seen: seen.entity.partner,
    "silent": lambda seen: seen.around.silent(seen.entity.partner, seen.entity.site),
    "supplier": lambda seen: code(seen.entity.key),
    "lots_rejected": lambda seen: {
        date.fromordinal(day).isoformat(): count for day, count in seen.history.rejected.items()
    },
    "lots_decided": lambda seen: rates.cases(seen.acceptance),
    "lot_acceptance": lambda seen: rates.share(seen.acceptance),
    "lot_acceptance_lower": lambda seen: rates.lower(seen.acceptance),
    "open_orders": lambda seen: seen.history.open_orders(),
    "overdue_orders": lambda seen: seen.history.open_orders(seen.around.today),
    "lead_time_days": lambda seen: seen.lead_days(0.5),
    "lead_time_p90_days": lambda seen: seen.lead_days(0.9),
    "lead_times": lambda seen: seen.history.lead_series(),
    "otif_orders": lambda seen: rates.cases(seen.otif),
    "otif": lambda seen: rates.share(seen.otif),
    "otif_lower": lambda seen: rates.lower(seen.otif),
}


def features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    """Only what is asked for."""
    seen = _Seen(entity, around)
    return {name: FEATURES[name](seen) for name in needs}


def columns(entity: Entity) -> tuple[Any, ...]:
    history = History(entity.tallies)
    lead = history.lead_days
    return (
        code(entity.key), sum(count for _, count in history.orders), history.open_orders(),
        None if lead is None else round(lead.quantile(0.5), 1), sum(history.accepted.values()),
        sum(history.rejected.values()),
    )  # fmt: skip


SUPPLIER = Kind("supplier", columns, features=features, rests_on_tallies=True)
