"""What the loss of a plant would cost: time to survive, time to recover, and the risk exposure index.

Time to survive: how long the network without the node meets all demand, from stock and from the nodes that are left.
Time to recover: how long until the node works again. Where it is the longer, something runs short. The cost of a loss is
that of the demand not met until recovery, made as small as can be by a linear programme; the index of a node is its cost
over the greatest cost of any (Simchi-Levi et al., Identifying risks and mitigating disruptions in the automotive supply
chain, Interfaces 45(5), 2015). Flows are fluid: the time that goods are under way is not in the model. Time is in any one
unit, capacity and demand are in units of an item per unit of time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog  # pyright: ignore[reportUnknownVariableType] -- its arguments have no types

from risk_rules.methods.bounds import checked

NEGLIGIBLE = 1e-7
"""Share of a demand: what the solver's rounding leaves."""


class Process(NamedTuple):
    """A node makes an item. One unit of it takes `load` of the node's capacity and `consumes` units of other items.

    A node may also be a supplier or a lane between sites; with a load of 0 it is without limit as long as it is there.
    """

    node: str
    makes: str
    consumes: Mapping[str, float] = {}
    load: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Supply:
    """Who can make what. `capacity` by node and `demand` by item, a unit of time; `stock` by item, usable now.

    `loss` is what a unit of demand not met costs, by item, in any one unit. Raises `ValueError` for a number below 0, an item
    that is demanded without a loss, or a process of a node without capacity.
    """

    processes: tuple[Process, ...]
    capacity: Mapping[str, float]
    demand: Mapping[str, float]
    loss: Mapping[str, float]
    stock: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        for name in ("capacity", "demand", "loss", "stock"):
            for key, value in getattr(self, name).items():
                checked(f"{name} of {key}", value, 0.0)
        for process in self.processes:
            checked(f"load of {process.makes} on {process.node}", process.load, 0.0)
            for item, need in process.consumes.items():
                checked(f"need of {item} for {process.makes}", need, 0.0)
        missing = [f"the loss of {item}" for item in self.demand if item not in self.loss]
        missing += [f"the capacity of {node}" for node, *_ in self.processes if node not in self.capacity]
        if missing:
            raise ValueError(f"{', '.join(sorted(set(missing)))} is not known")


class Exposure(NamedTuple):
    """`cost` of losing the node until it recovers; `exposure_index`: over the greatest of all, 0 to 1.

    The index is 0 where no loss costs anything. `survive`: time until demand is not met, infinite if never. `at_risk`: the
    node recovers later than that.
    """

    cost: float
    exposure_index: float
    survive: float
    recover: float
    at_risk: bool


def cost_of_losing(supply: Supply, node: str | None, recover: float) -> float:
    """The least cost of demand not met while the node is out for `recover`; None: none is out.

    Minimise sum of loss * short, subject to: what is made and in stock covers what is consumed and demanded but for what is
    short, and no node works beyond its capacity.
    """
    checked("time to recover", recover, 0.0)
    return _solve(supply, node, recover, supply.loss, dict(supply.stock))


def time_to_survive(supply: Supply, node: str | None) -> float:
    """The longest time for which all demand is met without the node; infinite where it is for ever."""
    share_short = {item: 1 / demand if demand else 0.0 for item, demand in supply.demand.items()}
    if _solve(supply, node, 1.0, share_short, {}) <= NEGLIGIBLE:
        return float("inf")
    balance, limits, items, nodes = _matrices(supply)
    time = np.array([supply.demand.get(item, 0.0) for item in items] + [-supply.capacity[name] for name in nodes])
    rows = np.column_stack((np.vstack((balance, limits)), time))
    right = np.array([supply.stock.get(item, 0.0) for item in items] + [0.0] * len(nodes))
    goal = np.zeros(rows.shape[1])
    goal[-1] = -1.0
    return max(0.0, -_least(goal, rows, right, [*_reach(supply, node), (0.0, None)]))


def exposures(supply: Supply, recover: Mapping[str, float]) -> Mapping[str, Exposure]:
    """The exposure to each node for which a time to recover is given, by its name."""
    costs = {node: cost_of_losing(supply, node, time) for node, time in recover.items()}
    greatest = max(costs.values(), default=0.0)
    survive = {node: time_to_survive(supply, node) for node in recover}
    return {
        node: Exposure(
            costs[node], costs[node] / greatest if greatest else 0.0, survive[node], time, survive[node] < time
        )
        for node, time in recover.items()
    }


def _solve(
    supply: Supply, node: str | None, time: float, loss: Mapping[str, float], stock: Mapping[str, float]
) -> float:
    """The least loss over a given time."""
    balance, limits, items, nodes = _matrices(supply)
    short = np.zeros((len(items) + len(nodes), len(supply.demand)))
    for column, item in enumerate(supply.demand):
        short[items.index(item), column] = -1.0
    rows = np.column_stack((np.vstack((balance, limits)), short))
    right = [stock.get(item, 0.0) - supply.demand.get(item, 0.0) * time for item in items]
    right += [supply.capacity[name] * time for name in nodes]
    goal = np.array([0.0] * len(supply.processes) + [loss[item] for item in supply.demand])
    shortest = [(0.0, demand * time) for demand in supply.demand.values()]
    return max(0.0, _least(goal, rows, np.array(right), [*_reach(supply, node), *shortest]))


def _matrices(supply: Supply) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str], list[str]]:
    """What a unit of each process takes of every item (made: below 0) and of every node, with the names of the rows."""
    named = {item for process in supply.processes for item in (process.makes, *process.consumes)}
    items, nodes = sorted(named | supply.demand.keys()), sorted({process.node for process in supply.processes})
    balance = np.zeros((len(items), len(supply.processes)))
    limits = np.zeros((len(nodes), len(supply.processes)))
    for column, process in enumerate(supply.processes):
        balance[items.index(process.makes), column] -= 1.0
        for item, need in process.consumes.items():
            balance[items.index(item), column] += need
        limits[nodes.index(process.node), column] = process.load
    return balance, limits, items, nodes


def _reach(supply: Supply, node: str | None) -> list[tuple[float, float | None]]:
    """How much each process may make: nothing on a node that is out."""
    return [(0.0, 0.0 if process.node == node else None) for process in supply.processes]


def _least(
    goal: NDArray[np.float64],
    rows: NDArray[np.float64],
    right: NDArray[np.float64],
    bounds: list[tuple[float, float | None]],
) -> float:
    """The least value of the goal with rows @ x <= right. Raises `ArithmeticError` where the solver finds none."""
    if not bounds:  # nothing is made and nothing demanded
        return 0.0
    solved: Any = linprog(goal, A_ub=rows, b_ub=right, bounds=bounds, method="highs")
    if not solved.success:
        raise ArithmeticError(f"the linear programme of {len(bounds)} variables was not solved: {solved.message}")
    return float(solved.fun)
