"""Receivers behind one address that answer late, wrongly, in half or not at all, and write down what came in."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from alerting.delivery.receiver import OK, Answer, Received

NAMES = ("buyer", "planner", "quality")
"""Who is told of alerts."""

TAKEN_AND_SAID_SO, TAKEN, REFUSED = "taken", "taken without a whole answer", "refused"

SENDER_HEADER = "X-Sender"
"""Names the process that sent a message."""

REPEAT = "(possible repeat)"

BAD_ANSWERS = (
    (Answer(after_seconds=2.0), TAKEN, 3),
    (Answer(breaks_off="before"), TAKEN, 5),
    (Answer(body=b'{"ok": ', breaks_off="within"), TAKEN, 5),
    (Answer(500), REFUSED, 8),
    (Answer(429, {"Retry-After": "0.2"}), REFUSED, 3),
    (Answer(302, {"Location": "/elsewhere"}), REFUSED, 5),
    (OK, TAKEN_AND_SAID_SO, 71),
)
"""Answers, what they mean, and how many of a hundred are such. The first comes later than a dispatcher waits."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as its receiver met it, at a time of the monotonic clock."""

    key: str
    sender: str
    is_marked: bool
    meaning: str
    at: float


class BadReceivers:
    """Answer by chance, until they are `well`."""

    def __init__(self, chance: random.Random) -> None:
        self.arrivals: list[Arrival] = []
        self.on_arrival: Callable[[], None] = lambda: None
        self.is_well = False
        self._chance = chance
        self._lock = threading.Lock()

    def answer(self, told: Received) -> Answer:
        """What a message gets, noted before it is said."""
        with self._lock:
            answer, meaning, _ = BAD_ANSWERS[-1] if self.is_well else self._any(told)
            sender = told.headers.get(SENDER_HEADER.lower(), "")
            is_marked = told.title.startswith(REPEAT)
            self.arrivals.append(Arrival(told.key, sender, is_marked, meaning, time.monotonic()))
            self.on_arrival()
        return answer

    def _any(self, told: Received) -> tuple[Answer, str, int]:
        """A last contact never says that it is the wrong address, or a message could go nowhere."""
        while True:
            found = self._chance.choices(BAD_ANSWERS, [weight for _, _, weight in BAD_ANSWERS])[0]
            if found[0].status != 302 or told.path.endswith("/first"):
                return found


def alerting_file() -> str:
    """Who is told: a receiver for each site, with two contacts. Their addresses lie in the environment of each process."""
    contacts = "\n".join(f"  {name}-other: {{address: 'env:{name}_last'}}" for name in NAMES)
    receivers = "\n".join(f"  {name}: {{address: 'env:{name}_first', fallbacks: {name}-other}}" for name in NAMES)
    routes = ", ".join(f"{{match: site={site}, to: {name}}}" for name, site in zip(NAMES, SITES, strict=True))
    return (
        f"contacts:\n{contacts}\nreceivers:\n{receivers}\n  keeper: {{address: 'env:keeper_last', audience: sre}}\n"
        f"route: {{to: keeper, group_by: [], digest: [], group_wait: 0s, routes: [{routes}]}}\n"
    )


def environment(address: str, sender: str) -> dict[str, str]:
    """The addresses by which the process `sender` reaches the receivers."""
    places = [(name, place) for name in NAMES for place in ("first", "last")] + [("keeper", "last")]
    return {f"{name}_{place}": f"{address}/{name}/{place}?+{SENDER_HEADER}={sender}" for name, place in places}


SITES = ("S01", "S05", "S02")
"""Of `tests/benchmarks/small_network.yaml`: one for each of the receivers."""
