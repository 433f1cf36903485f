"""The dated flows of a material at a site: what is there, what will come, what will go, out of the tallies that others keep."""

from typing import Final, NamedTuple

from risk_rules.methods.projected_balance import Projection, project
from streams.ledger.entity import MICRO, Entity, Surroundings, iso_ordinal
from streams.ledger.facts import code

HORIZON_DAYS: Final = 182
"""Section 506C and EU ESMP ask for notice about six months ahead."""

PAST: Final = "GH"
"""How buckets of a material begin that tell of what is over."""


class Receipt(NamedTuple):
    """What is expected to be usable on a day, `first` promised for another. `driver`: who keeps the promise or not."""

    day: int
    amount: int
    first: int
    driver: str
    doubtful: bool = False


class Flows:
    """The dated flows of a material at a site as of a day: what is there, what will come, what will go. Millionths of the unit.

    A receipt that is overdue is expected tomorrow at the earliest, and later the longer it is overdue (half as late again).
    """

    def __init__(self, entity: Entity, around: Surroundings) -> None:
        self.today = around.today
        self.usable: dict[str, int] = {}
        self.quarantine = 0
        self.safety = 0
        self.receipts: list[Receipt] = []
        self.doubtful: list[tuple[int, int]] = []
        self.overdue = 0
        self.needs: list[tuple[int, int]] = []
        material = around.network.materials.get(code(entity.key))
        self.release_days = round(material.release_days) if material else 0
        for bucket, amount in entity.tallies.items():
            if bucket[0] in PAST:
                continue
            what, *rest = bucket.split(" ")
            getattr(self, f"_take_{what.lower()}")(amount, *rest)

    def _take_u(self, amount: int, expiry: str) -> None:
        self.usable[expiry] = self.usable.get(expiry, 0) + amount

    def _take_q(self, amount: int, received: str) -> None:
        """In quarantine: usable when quality is through with it, counted from today where nobody says when it came."""
        self.quarantine += amount
        day = (iso_ordinal(received) if received else self.today) + self.release_days
        self.receipts.append(Receipt(max(day, self.today + 1), amount, day, "quality"))

    def _take_ss(self, amount: int) -> None:
        self.safety += amount

    def _take_o(self, amount: int, expected: str, first: str) -> None:
        self._receipt(iso_ordinal(expected), amount, iso_ordinal(first))

    def _take_s(self, amount: int, expected: str, first: str) -> None:
        self._receipt(iso_ordinal(expected), amount, iso_ordinal(first))

    def _receipt(self, expected: int, amount: int, first: int) -> None:
        if expected < self.today:
            self.overdue += amount
            expected = self.today + 1 + (self.today - expected) // 2
        self.receipts.append(Receipt(expected + self.release_days, amount, first + self.release_days, "suppliers"))

    def _take_b(self, amount: int, finish: str, first: str, release_days: str, done: str, doubt: str) -> None:
        """The output of a batch of the site: made by `finish` and released so many days later."""
        made, wait = iso_ordinal(finish), int(release_days)
        if done == "0" and made < self.today:
            self.overdue += amount
            made = self.today + 1 + (self.today - made) // 2
        expected = max(made + wait, self.today + 1)
        self.receipts.append(Receipt(expected, amount, iso_ordinal(first) + wait, "batches", doubt == "1"))
        if doubt == "1":
            self.doubtful.append((expected, amount))

    def _take_n(self, amount: int, day: str) -> None:
        self.needs.append((iso_ordinal(day), amount))

    def _take_f(self, amount: int, day: str) -> None:
        if iso_ordinal(day) >= self.today:
            self.needs.append((iso_ordinal(day), amount))

    def opening(self) -> int:
        """What can be used today: released and not expired."""
        return sum(amount for expiry, amount in self.usable.items() if not expiry or iso_ordinal(expiry) >= self.today)

    def expiring(self) -> list[tuple[int, int]]:
        """What will expire unused when the lots that expire first are used first: (day after expiry, amount lost)."""
        lost: list[tuple[int, int]] = []
        held = gone = 0
        for expiry in sorted(day for day in self.usable if day and iso_ordinal(day) >= self.today):
            last_day = iso_ordinal(expiry)
            if last_day > self.today + HORIZON_DAYS:
                break
            held += self.usable[expiry]
            loss = held - gone - sum(amount for day, amount in self.needs if day <= last_day)
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
