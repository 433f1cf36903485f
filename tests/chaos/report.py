"""What a run says while it goes on and at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.havoc import Tally
from tests.chaos.lookout import Sight

console = Console(stderr=True, highlight=False, soft_wrap=True)


def tell(line: str) -> None:
    """One line of progress."""
    console.print(line, markup=False)


@dataclass(frozen=True)
class Outcome:
    """What was done and what came of it. `differences` by what was compared; all empty: exact."""

    stack: str
    seed: int
    seconds: float
    tally: Tally
    days: int
    sent: int
    refused: int
    received: int
    sight: Sight
    differences: Mapping[str, Sequence[str]]

    @property
    def exact(self) -> bool:
        return not any(self.differences.values())

    def as_json(self) -> dict[str, Any]:
        """The whole as plain values."""
        progress = sorted(self.tally.seconds_to_progress)
        return {
            "stack": self.stack, "seed": self.seed, "seconds": self.seconds, "exact": self.exact,
            "kills": self.tally.kills, "stops": self.tally.stops, "freezes": self.tally.freezes,
            "ledger_processes_killed": self.tally.maimed,
            "restarts": dict(self.tally.restarts),
            "machine_stalled_seconds": round(self.tally.stalled_seconds, 1),
            "lives_without_progress": self.tally.without_progress,
            "seconds_to_progress": {"median": _at(progress, 0.5), "longest": _at(progress, 1.0)},
            "days": self.days, "records_sent": self.sent, "refused_at_intake": self.refused,
            "counted": self.sight.counted, "repeated": self.sight.repeated, "positions": dict(self.sight.positions),
            "alerts": self.sight.alerts, "messages": dict(self.sight.messages), "messages_received": self.received,
            "differences": {name: list(found) for name, found in self.differences.items()},
        }  # fmt: skip


def print_outcome(outcome: Outcome, *, shown: int) -> None:
    """The summary, and the first differences of each kind."""
    told = outcome.as_json()
    table = Table(title=f"{outcome.stack}, seed {outcome.seed}", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for name, value in told.items():
        if name in ("stack", "seed", "exact", "differences"):
            continue
        text = ", ".join(f"{key}: {one}" for key, one in value.items()) if isinstance(value, dict) else f"{value:,}"
        table.add_row(name.replace("_", " "), text)
    for name, found in outcome.differences.items():
        table.add_row(f"differences: {name}", f"{len(found):,}")
    console.print(table)
    for name, found in outcome.differences.items():
        for difference in found[:shown]:
            tell(f"{name}: {difference}")
        if len(found) > shown:
            tell(f"{name}: and {len(found) - shown} more")
    tell("exact" if outcome.exact else "NOT exact")


def _at(ordered: Sequence[float], share: float) -> float | None:
    return round(ordered[round(share * (len(ordered) - 1))], 1) if ordered else None
