"""The dated flows of a material at a site: what is there, what will come, what will go, out of the tallies that others keep."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from risk_rules.methods.projected_balance import Projection, project
from streams.ledger.entity import MICRO, Entity, Surroundings, iso_ordinal
from streams.ledger.facts import code

HORIZON_DAYS: Final = 182
"""Section 506C and EU ESMP ask for notice about six months ahead."""

NO_DAY: Final = 0
"""The ordinal of no day."""

PAST: Final = "GH"
"""How buckets of a material begin that tell of what is over."""


class Receipt(NamedTuple):
    """What is expected to be usable on a day, `first` promised for another. `driver`: who keeps the promise or not."""

    day: int
    amount: int
    first: int
    driver: str
    doubtful: bool = False


class _Told(NamedTuple):
    """A bucket of a material's tallies, read: `what` is its first letters, days are ordinals, 0 where it names none."""

    what: str
    day: int = 0
    first: int = 0
    wait: int = 0
    done: bool = False
    doubtful: bool = False


@lru_cache(maxsize=200_000)
def _read(bucket: str) -> _Told:
    """The same buckets are read every day."""
    what, *rest = bucket.split(" ")
    if what == "B":
        finish, first, release_days, done, doubt = rest
        return _Told(what, iso_ordinal(finish), iso_ordinal(first), int(release_days), done != "0", doubt == "1")
    day, first, *_ = (*(iso_ordinal(day) if day else NO_DAY for day in rest), NO_DAY, NO_DAY)
    return _Told(what, day, first)


class Flows:
    """The dated flows of a material at a site as of a day: what is there, what will come, what will go. Millionths of the unit.

    A receipt that is overdue is expected tomorrow at the earliest, and later the longer it is overdue (half as late again).
    """

    def __init__(self, entity: Entity, around: Surroundings) -> None:
        self.today = around.today
        self.usable: dict[int, int] = {}
        """By the day of expiry, `NO_DAY` where there is none."""
        self.quarantine = 0
        self.safety = 0
        self.receipts: list[Receipt] = []
        self.doubtful: list[tuple[int, int]] = []
        self.overdue = 0
        self.needs: list[tuple[int, int]] = []
        material = around.network.materials.get(code(entity.key))
        self.release_days = round(material.release_days) if material else 0
        self._take(entity.tallies)

    def _take(self, tallies: Mapping[str, int]) -> None:
        for bucket, amount in tallies.items():
            if bucket[0] in PAST:
                continue
            told = _read(bucket)
            what = told.what
            if what == "N" or (what == "F" and told.day >= self.today):
                self.needs.append((told.day, amount))
            elif what in ("O", "S"):
                self._receipt(told, amount)
            elif what == "B":
                self._batch(told, amount)
            elif what == "U":
                self.usable[told.day] = self.usable.get(told.day, 0) + amount
            elif what == "Q":
                self._quarantined(told, amount)
            elif what == "SS":
                self.safety += amount

    def _quarantined(self, told: _Told, amount: int) -> None:
        """In quarantine: usable when quality is through with it, counted from today where nobody says when it came."""
        self.quarantine += amount
        day = (told.day or self.today) + self.release_days
        self.receipts.append(Receipt(max(day, self.today + 1), amount, day, "quality"))

    def _receipt(self, told: _Told, amount: int) -> None:
        expected = told.day
        if expected < self.today:
            self.overdue += amount
            expected = self.today + 1 + (self.today - expected) // 2
        self.receipts.append(Receipt(expected + self.release_days, amount, told.first + self.release_days, "suppliers"))

    def _batch(self, told: _Told, amount: int) -> None:
        """The output of a batch of the site: made on its day and released so many days later."""
        made = told.day
        if not told.done and made < self.today:
            self.overdue += amount
            made = self.today + 1 + (self.today - made) // 2
        expected = max(made + told.wait, self.today + 1)
        self.receipts.append(Receipt(expected, amount, told.first + told.wait, "batches", told.doubtful))
        if told.doubtful:
            self.doubtful.append((expected, amount))

    def opening(self) -> int:
        """What can be used today: released and not expired."""
        today = self.today
        return sum([amount for expiry, amount in self.usable.items() if expiry >= today or expiry == NO_DAY])

    def expiring(self) -> list[tuple[int, int]]:
        """What will expire unused when the lots that expire first are used first: (day after expiry, amount lost)."""
        last = self.today + HORIZON_DAYS
        lost: list[tuple[int, int]] = []
        held = gone = 0
        for last_day in sorted([day for day in self.usable if self.today <= day <= last]):
            held += self.usable[last_day]
            loss = held - gone - sum([amount for day, amount in self.needs if day <= last_day])
            if loss > 0:
                lost.append((last_day + 1, loss))
                gone += loss
        return lost

    def project(self, safety: int, without: list[tuple[int, int]] | None = None) -> Projection:
        """The projected balance over the horizon; `without` leaves receipts out."""
        flows = [(receipt.day, receipt.amount) for receipt in self.receipts]
        flows += [(day, -amount) for day, amount in self.needs]
        flows += [(day, -amount) for day, amount in self.expiring()]
        flows += [(day, -amount) for day, amount in without or ()]
        return project(self.opening(), flows, self.today, HORIZON_DAYS, safety)


def _demand(entity: Entity, around: Surroundings, material: str) -> list[tuple[int, int]]:
    """The network's own demand, spread evenly over the days of its weeks."""
    flows: list[tuple[int, int]] = []
    today = around.today
    for demand in around.network.demand.get((entity.site, material), ()):
        first = max(today, iso_ordinal(demand.first_day)) if demand.first_day else today
        last = min(today + HORIZON_DAYS, iso_ordinal(demand.last_day)) if demand.last_day else today + HORIZON_DAYS
        daily = round(demand.per_week / 7 * MICRO)
        flows += [(day, daily) for day in range(first, last + 1)]
    return flows


def flows_of(entity: Entity, around: Surroundings) -> Flows:
    """The dated flows, with the network's own demand."""
    flows = Flows(entity, around)
    flows.needs += _demand(entity, around, code(entity.key))
    return flows
