"""How well a plant keeps its plan: batches done within the tolerance of their planned day, and how much of the plan was made.

The plan is the one that was promised first: held against a plan that moves with each delay, every plant is on time. A
batch counts once, when its tolerance is over. Times are days since any fixed moment.
"""

from collections.abc import Iterable
from typing import NamedTuple

from risk_rules.methods.bounds import checked
from risk_rules.methods.proportion import Proportion, proportion


class Run(NamedTuple):
    """A batch that was not cancelled by the sponsor. `done`: when it was; None: it is not. Quantities in one unit."""

    planned: float
    done: float | None
    planned_qty: float = 1.0
    made_qty: float = 0.0


class Adherence(NamedTuple):
    """`kept`: the share of batches done within the tolerance. `mean_slip_days`: by how much they were late, below 0 early;
    what is not done counts as late until now. `attainment`: made quantity over planned, 0 to 1, no batch making up for another.
    """

    kept: Proportion
    mean_slip_days: float
    attainment: float


def adherence(
    runs: Iterable[Run], now: float, late_days: float = 0.0, early_days: float | None = None
) -> Adherence | None:
    """Of the batches planned for before `now - late_days`. `early_days` None: earlier is never wrong. None without any.

    Raises `ValueError` for a tolerance or a quantity below 0.
    """
    checked("late_days", late_days, 0.0)
    checked("early_days", early_days or 0.0, 0.0)
    due = [run for run in runs if run.planned + late_days < now]
    slips = [(now if run.done is None else run.done) - run.planned for run in due]
    kept = proportion(
        run.done is not None and slip <= late_days and (early_days is None or slip >= -early_days)
        for run, slip in zip(due, slips, strict=True)
    )
    if kept is None:
        return None
    for run in due:
        checked("planned quantity", run.planned_qty, 0.0)
        checked("made quantity", run.made_qty, 0.0)
    planned = sum(run.planned_qty for run in due)
    made = sum(min(run.made_qty, run.planned_qty) for run in due)
    return Adherence(kept, sum(slips) / len(slips), made / planned if planned else 1.0)
