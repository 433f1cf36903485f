"""The outlook of a material at a site: how likely it runs out, by what became of its receipts so far, and who supplies it.

What became of an order or a batch is kept in the tallies of its material (`PastReceipt`), one entry each that the same entry takes
back. From these the slips of what is still to come are drawn (`slips`), and the futures of the stock (`stockout_simulation`).
It is worked out only where a rule asks for it, and once for the same stock, plan and day.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from risk_rules.methods import lead_times, slips
from risk_rules.methods.concentration import Concentration, concentration
from risk_rules.methods.lead_times import LeadTimes
from risk_rules.methods.slips import Slips
from risk_rules.methods.spread import Spread
from risk_rules.methods.stockout_simulation import UncertainFlow, simulate, surely_enough
from streams.ledger.entity import MICRO, Entity, Surroundings
from streams.ledger.facts import code
from streams.ledger.kinds.flows import Flows, flows_of
from streams.ledger.kinds.past_receipts import PastReceipt

HORIZON_DAYS: Final = 91
MADE_LEAD_DAYS: Final = 28
"""Lead time of what no supplier sells, because it is made in the network."""

PATHS: Final = 1024
"""The standard error of a chance is at most 1.6 points."""

USUAL: Final = Slips({0: 14, 1: 2, 3: 2, 7: 1, 14: 1})
"""What is assumed of receipts of which nothing was seen yet: three in ten late, one in ten a week or more."""

DOUBT: Final = 0.3
"""The part of batches with a critical or major deviation or a failed test that is never released, until it is learned."""

TOGETHER: Final = {"suppliers": 0.5, "batches": 0.3}
SHARES_OF: Final = 365
"""Days whose receipts count for the shares of suppliers."""


def _past(entity: Entity) -> list[tuple[PastReceipt, int]]:
    return [(PastReceipt.read(bucket), n) for bucket, n in entity.tallies.items() if bucket.startswith("H ")]


def learned_lead_days(entity: Entity, around: Surroundings, part: float) -> float | None:
    """Days from an order until half of it has come that so great a part of orders does not exceed, by all suppliers."""
    learned = LeadTimes(counts={})
    for one, n in _past(entity):
        if one.lead is not None and 0 <= one.lead <= lead_times.LONGEST_DAYS:
            learned.counts[one.lead] = learned.counts.get(one.lead, 0) + n
    spread = lead_times.expected([learned])
    return None if spread is None else round(spread.quantile(part), 1)


def sourcing(entity: Entity, around: Surroundings) -> Concentration | None:
    """Who supplies how much: what was received in the last year, else the shares that the network states."""
    since, received = around.today - SHARES_OF, dict[str, float]()
    for bucket, amount in entity.tallies.items():
        if bucket.startswith("G "):
            _, day, supplier = bucket.split(" ", 2)
            if int(day) >= since and amount > 0:
                received[supplier] = received.get(supplier, 0.0) + amount
    stated = around.network.sources.get((entity.site, code(entity.key)), ())
    return concentration(received or {source.supplier: source.share for source in stated})


def _of_sources(entity: Entity, around: Surroundings, what: str) -> Any:
    """A field of the concentration; unknown where no source is known."""
    found = sourcing(entity, around)
    return None if found is None else getattr(found, what)


def chances(entity: Entity, around: Surroundings) -> tuple[float, ...] | None:
    """The chance that the stock has run out by each of the next days, today first; None where even the worst is enough."""
    flows = flows_of(entity, around)
    told = (_learned(entity, bought=True), _learned(entity, bought=False))
    return _chances(entity.key, flows.opening(), tuple(sorted(_uncertain(flows, *told))), around.today)


def _learned(entity: Entity, *, bought: bool) -> tuple[tuple[int, int], ...]:
    """Slips, and how often each was seen."""
    seen = Slips(counts={})
    for one, n in _past(entity):
        if one.slip is not None and bool(one.supplier) == bought and n > 0:
            seen.learn(None if one.slip == slips.NEVER else one.slip, n)
    return tuple(sorted(seen.counts.items()))


Told = tuple[int, int, str, int, bool, tuple[tuple[int, int], ...]]
"""A flow: in days from today, how much, whose it is, how late it is already, whether in doubt, and what became of the like."""


def _uncertain(flows: Flows, bought: tuple[tuple[int, int], ...], made: tuple[tuple[int, int], ...]) -> list[Told]:
    today, seen = flows.today, {"suppliers": bought, "batches": made}
    told: list[Told] = []
    for day, amount, first, driver, doubtful in flows.receipts:
        certain = driver not in seen
        told.append(
            (day - today, amount, "" if certain else driver, max(0, day - first), doubtful, seen.get(driver, ()))
        )
    leaving = [*flows.needs, *flows.expiring()]
    told += [(max(day - today, 0), -amount, "", 0, False, ()) for day, amount in leaving]
    return [one for one in told if one[0] <= HORIZON_DAYS + 60]


@lru_cache(maxsize=2_000)
def _chances(key: str, opening: int, told: tuple[Told, ...], today: int) -> tuple[float, ...] | None:
    """The same stock, plan and day have the same futures: they are drawn by the key and the day."""
    flows = [_flow(*one) for one in told]
    if surely_enough(opening / MICRO, flows, HORIZON_DAYS):
        return None
    seed = crc32(f"{key} {today}".encode())
    drawn = simulate(opening / MICRO, flows, HORIZON_DAYS, seed=seed, paths=PATHS, together=TOGETHER)
    return tuple(drawn.chance_by_day().tolist())


def _flow(
    day: int, amount: int, driver: str, late: int, doubt: bool, seen: tuple[tuple[int, int], ...]
) -> UncertainFlow:
    if not driver:
        return UncertainFlow(day, amount / MICRO)
    return UncertainFlow(day, amount / MICRO, driver, _slip(seen, late, doubt))


@lru_cache(maxsize=10_000)
def _slip(seen: tuple[tuple[int, int], ...], late: int, doubt: bool) -> Spread:
    """How much later than now told: what is late already has used up so much of its slip."""
    spread = slips.expected([USUAL, Slips(dict(seen))])
    assert spread is not None  # the usual is known
    weights: dict[int, float] = {}
    total = sum(spread.weights)
    for value, weight in zip(spread.values, spread.weights, strict=True):
        left = int(value) if not late or value == slips.NEVER else max(0, int(value) - late)
        weights[left] = weights.get(left, 0.0) + weight / total * (1 - DOUBT if doubt else 1)
    if doubt:
        weights[slips.NEVER] = weights.get(slips.NEVER, 0.0) + DOUBT
    return Spread.of(weights)


def _lead_days(entity: Entity, around: Surroundings) -> int:
    """How long it takes to get more: learned, else as the fastest supplier says, else to make it."""
    learned = learned_lead_days(entity, around, 0.5)
    stated = (s.lead_time_days for s in around.network.sources.get((entity.site, code(entity.key)), ()))
    days = min(stated, default=MADE_LEAD_DAYS) if learned is None else learned
    return min(round(days), HORIZON_DAYS)


def stockout_chance(entity: Entity, around: Surroundings) -> float:
    """The chance that it runs out before goods that are ordered now can come, 0 to 1."""
    by_day = chances(entity, around)
    return 0.0 if by_day is None else by_day[_lead_days(entity, around)]


def stockout_in_days(entity: Entity, around: Surroundings, chance: float) -> int | None:
    """In how many days the chance that it has run out passes so much; None: not within thirteen weeks."""
    by_day = chances(entity, around)
    return next((day for day, reached in enumerate(by_day or ()) if reached >= chance), None)


def stockout_on(entity: Entity, around: Surroundings) -> date | None:
    """The day on which it has run out more likely than not."""
    days = stockout_in_days(entity, around, 0.5)
    return None if days is None else date.fromordinal(around.today + days)


OUTLOOK: Final[Mapping[str, Callable[[Entity, Surroundings], Any]]] = {
    "learned_lead_days": lambda entity, around: learned_lead_days(entity, around, 0.5),
    "learned_lead_p90_days": lambda entity, around: learned_lead_days(entity, around, 0.9),
    "stockout_chance": stockout_chance,
    "stockout_possible_in_days": lambda entity, around: stockout_in_days(entity, around, 0.05),
    "stockout_likely_in_days": lambda entity, around: stockout_in_days(entity, around, 0.5),
    "stockout_sure_in_days": lambda entity, around: stockout_in_days(entity, around, 0.95),
    "stockout_likely_on": stockout_on,
    "sources": lambda entity, around: _of_sources(entity, around, "sources"),
    "single_source": lambda entity, around: _of_sources(entity, around, "single"),
    "herfindahl": lambda entity, around: _of_sources(entity, around, "herfindahl"),
    "greatest_source": lambda entity, around: _of_sources(entity, around, "greatest"),
    "greatest_source_share": lambda entity, around: _of_sources(entity, around, "greatest_share"),
}
"""Feature -> how it is worked out."""
