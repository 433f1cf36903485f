"""What one sees while the demo runs: a live picture on a terminal, a line a fortnight elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import NamedTuple, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

COLOURS = {"critical": "bold red", "warning": "yellow", "watch": "cyan"}
DAYS_A_LINE = 14


class Moment(NamedTuple):
    """The run as it is. `open_alerts` by severity; `latest` are the newest alerts as (severity, summary), oldest first."""

    day: int
    today: date
    events: int
    events_per_second: float
    rejected: int
    open_alerts: Mapping[str, int]
    latest: Sequence[tuple[str, str]]
    messages_sent: int


class View:
    """Shows moments on a console. Use as a context; outside of it nothing is drawn."""

    def __init__(self, console: Console, *, days: int) -> None:
        self._console = console
        self._days = days
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
        )
        self._task = self._progress.add_task("starting", total=days)
        self._live = Live(console=console, auto_refresh=True, refresh_per_second=8, transient=True)
        self._told_until = -1

    def show(self, moment: Moment) -> None:
        """Draw the moment; off a terminal one line a fortnight is written instead."""
        if self._console.is_terminal:
            self._progress.update(self._task, completed=moment.day, description=_when(moment))
            self._live.update(Group(self._progress, _figures(moment), _latest(moment)))
        elif moment.day // DAYS_A_LINE > self._told_until:
            self._told_until = moment.day // DAYS_A_LINE
            alerts = ", ".join(f"{number} {severity}" for severity, number in moment.open_alerts.items())
            self._console.print(
                f"{_when(moment)}: {moment.events} events, {moment.rejected} refused, open alerts: {alerts}, "
                f"{moment.messages_sent} messages sent",
                soft_wrap=True,
            )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._console.is_terminal:
            self._live.stop()


def _when(moment: Moment) -> str:
    return f"week {moment.day // 7 + 1:2}, {moment.today:%a %d %b %Y}"


def _figures(moment: Moment) -> Table:
    table = Table.grid(padding=(0, 3))
    alerts = Text()
    for severity, number in moment.open_alerts.items():
        alerts.append(f"{number} {severity}  ", style=COLOURS[severity])
    table.add_row(f"{moment.events:,} events, {moment.events_per_second:,.0f}/s", f"{moment.rejected} refused", alerts,
                  f"{moment.messages_sent} messages sent")  # fmt: skip
    return table


def _latest(moment: Moment) -> Panel:
    lines = [Text.assemble((f"{severity:<9}", COLOURS[severity]), summary) for severity, summary in moment.latest]
    for line in lines:
        line.truncate(140, overflow="ellipsis")
    return Panel(
        Group(*lines) if lines else Text("nothing yet", style="dim"), title="newest alerts", title_align="left"
    )
