"""What the sites say of their lines: the hours that they can give and those that they have promised, by week."""

from streams.simulation.planning import planned_hours
from streams.simulation.state import State

WEEKS_AHEAD = 8


def report(state: State, site: str, day: int, hour: float = 17.8) -> None:
    """Reports this and the coming weeks of all lines of a site."""
    for place, line in state.network.lines:
        if place == site:
            report_line(state, site, line, day, hour)


def report_line(state: State, site: str, line: str, day: int, hour: float) -> None:
    """Reports this and the coming weeks of one line."""
    first = state.calendar.monday(day)
    for monday in range(first, first + 7 * WEEKS_AHEAD, 7):
        committed = planned_hours(state, site, line, monday) + state.line_hours[site, line, monday]
        told = {
            "line": line,
            "period": state.calendar.week(monday),
            "available_hours": state.available_hours(site, line, monday),
            "committed_hours": round(committed, 1),
        }
        state.journal.tell(site, "batch.capacity_reported", day, hour, told, f"line {site} {line}")
