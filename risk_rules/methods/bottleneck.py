"""Where the bottleneck is: the station with the longest uninterrupted active period.

At any time it is the momentary bottleneck; while the periods of two bottlenecks overlap, it shifts from one to the other
(Roser, Nakano and Tanaka, Shifting bottleneck detection, Winter Simulation Conference 2002). A station is active while it
works or is being set up, cleaned or repaired, and inactive while it waits for work or for room. QC testing and QA
release are stations like lines. Times are days since any fixed moment.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from risk_rules.methods.bounds import checked
from risk_rules.methods.flow import Stay

FOREVER = float("inf")


class Active(NamedTuple):
    """A station was active from `start` to `end` (infinite: it still is)."""

    station: str
    start: float
    end: float


class Spell(NamedTuple):
    """One station: the sole bottleneck from `start` to `end`; several: it shifts between them, the earliest first."""

    start: float
    end: float
    stations: tuple[str, ...]


class Part(NamedTuple):
    """Shares of the time, 0 to 1, in which a station was the sole bottleneck, and one that it shifted from or to."""

    sole: float
    shifting: float


def bottlenecks(active: Iterable[Active], until: float) -> list[Spell]:
    """The bottlenecks up to `until`, in order of time; none while no station is active.

    A period counts with its length to `until`. Of equally long ones the earlier is the bottleneck, then the first by
    name. Raises `ValueError` for a period that ends before it starts.
    """
    periods = _uninterrupted(Active(name, start, min(end, until)) for name, start, end in active if start < until)
    chosen = _longest_at_some_time(periods)
    moments = sorted({moment for period in chosen for moment in (period.start, period.end)})
    spells: list[Spell] = []
    current: list[Active] = []
    waiting = iter([*chosen, None])
    following = next(waiting)
    for moment, next_moment in pairwise(moments):
        current = [period for period in current if period.end > moment]
        while following is not None and following.start <= moment:
            current.append(following)
            following = next(waiting)
        stations = tuple(period.station for period in current)
        if spells and spells[-1].stations == stations and spells[-1].end == moment:
            spells[-1] = spells[-1]._replace(end=next_moment)
        elif stations:
            spells.append(Spell(moment, next_moment, stations))
    return spells


def momentary(active: Iterable[Active], now: float) -> Active | None:
    """The station that is active at `now` for the longest, up to `now`; None while none is.

    Whether the bottleneck is shifting away from it only later times can tell.
    """
    running = [period for period in _uninterrupted(active) if period.start <= now < period.end]
    longest = min(running, key=lambda period: (period.start, period.station), default=None)
    return None if longest is None else longest._replace(end=now)


def parts(spells: Sequence[Spell], start: float, end: float) -> Mapping[str, Part]:
    """How much of the time from `start` to `end` each station was a bottleneck, by its name.

    Raises `ValueError` where the end is not after the start.
    """
    checked("end", end, start, above=True)
    sole, shifting = dict[str, float](), dict[str, float]()
    for begun, over, stations in spells:
        share = (min(over, end) - max(begun, start)) / (end - start)
        for station in stations if share > 0 else ():
            kind = sole if len(stations) == 1 else shifting
            kind[station] = kind.get(station, 0.0) + share
    return {name: Part(sole.get(name, 0.0), shifting.get(name, 0.0)) for name in sorted(sole.keys() | shifting.keys())}


def busy(station: str, stays: Iterable[Stay], capacity: int = 1) -> list[Active]:
    """When a station that can work on `capacity` batches at a time had at least as many: its active periods.

    With less to do some of it waits for work. Raises `ValueError` for a capacity below 1.
    """
    if capacity < 1:
        raise ValueError(f"the capacity of {station} is {capacity}: it must be at least 1")
    changes: dict[float, int] = {}
    for entered, left in stays:
        end = FOREVER if left is None else left
        changes[entered] = changes.get(entered, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    inside, since, periods = 0, 0.0, list[Active]()
    for moment, change in sorted(changes.items()):
        before, inside = inside, inside + change
        if before < capacity <= inside:
            since = moment
        elif inside < capacity <= before:
            periods.append(Active(station, since, moment))
    return periods


def _uninterrupted(active: Iterable[Active]) -> list[Active]:
    """The periods by their start, those of one station that touch or overlap made one."""
    last: dict[str, Active] = {}
    done: list[Active] = []
    for period in sorted(active, key=lambda period: (period.start, period.station)):
        if period.end < period.start:
            raise ValueError(
                f"{period.station} is active until day {period.end}, before its start on day {period.start}"
            )
        before = last.get(period.station)
        if before is not None and period.start <= before.end:
            last[period.station] = before._replace(end=max(before.end, period.end))
            continue
        if before is not None:
            done.append(before)
        last[period.station] = period
    return sorted([*done, *last.values()], key=lambda period: (period.start, period.station))


def _longest_at_some_time(periods: Sequence[Active]) -> list[Active]:
    """Those periods, in their order, that are the longest of all that run at some moment."""
    running: list[tuple[float, float, str, float]] = []
    chosen: set[Active] = set()
    moments = sorted({moment for period in periods for moment in (period.start, period.end)})
    waiting = iter([*periods, None])
    following = next(waiting)
    for moment in moments:
        while following is not None and following.start <= moment:
            length = following.end - following.start
            heapq.heappush(running, (-length, following.start, following.station, following.end))
            following = next(waiting)
        while running and running[0][3] <= moment:
            heapq.heappop(running)
        if running:
            _, start, station, end = running[0]
            chosen.add(Active(station, start, end))
    return [period for period in periods if period in chosen]
