"""The picture of a backtest: on top each subject's warnings beside what happened, below the warnings a week by owner.

Needs matplotlib, which is the optional extra `pictures`.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from streams.backtest.judging import Fate, Happened, Judgement, Warned, Window
from streams.backtest.outcomes import Outcomes

Axes: TypeAlias = Any
"""matplotlib's axes; its own types are incomplete."""

MOST_ROWS: Final = 60
FORMATS: Final = (".svg", ".png")
COLOURS: Final = {
    Fate.CAME_TRUE: "#1b7f5c",
    Fate.TOO_LATE: "#c98a00",
    Fate.NOT_TRUE: "#8a5fb0",
    Fate.UNDECIDED: "#8c8c8c",
}
HAPPENED: Final = "#c0392b"
OWNERS: Final = ("#34618d", "#d98032", "#5b9a68", "#8a5fb0", "#b3495a", "#7a7a7a", "#c2a83e", "#4fa3a5")


class PicturesNotInstalled(RuntimeError):
    """matplotlib, which draws the pictures, is not installed: run `pip install 'bellwether[pictures]'`."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def draw(path: Path, judgement: Judgement, outcomes: Outcomes, window: Window, title: str) -> None:
    """Write the picture as SVG or PNG, by the name of the file. Raises `PicturesNotInstalled`, `ValueError`, `OSError`."""
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"{path.name}: a picture is written as {' or '.join(FORMATS)}")
    try:
        from matplotlib import rc_context  # pyright: ignore[reportUnknownVariableType] - as for axes
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PicturesNotInstalled from error
    rows = _rows(judgement, outcomes)
    shown = rows[:MOST_ROWS]
    height = 1.5 + 0.24 * max(4, len(shown))
    figure: Any = Figure(figsize=(12, height + 2.6), layout="constrained")
    grid = figure.subplots(2, 1, sharex=True, height_ratios=(height, 2.0))
    _warnings(grid[0], shown, window)
    grid[0].set_title(title, loc="left", fontsize=11)
    if len(rows) > len(shown):
        grid[0].set_xlabel(f"{len(rows) - len(shown)} more subjects are not shown")
    _owners(grid[1], judgement, window)
    locator = AutoDateLocator()
    grid[1].xaxis.set_major_locator(locator)
    grid[1].xaxis.set_major_formatter(ConciseDateFormatter(locator))
    with rc_context({"svg.hashsalt": "bellwether", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=130, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


Row = tuple[str, Sequence[Warned], Sequence[Happened]]


def _rows(judgement: Judgement, outcomes: Outcomes) -> list[Row]:
    """Subjects with judged warnings, or with outcomes that some rule foretells, the earliest first."""
    judged = [one for one in judgement.warnings if one.fate is not Fate.NOT_JUDGED]
    names = {name for one in judged for name in outcomes.foretold(one.subject.partition(":")[0], one.kind)}
    warned: defaultdict[str, list[Warned]] = defaultdict(list)
    happened: defaultdict[str, list[Happened]] = defaultdict(list)
    for one in judged:
        warned[one.subject].append(one)
    for one in judgement.outcomes:
        if one.outcome in names:
            happened[one.subject].append(one)
    rows = [(subject, warned[subject], happened[subject]) for subject in {**warned, **happened}]
    return sorted(rows, key=lambda row: (min([w.warned_at for w in row[1]] + [h.began_at for h in row[2]]), row[0]))


def _warnings(axes: Axes, rows: Sequence[Row], window: Window) -> None:
    for place, (_, warned, happened) in enumerate(rows):
        for one in happened:
            _bar(axes, place, one.began_at, one.ended_at or window.end, 0.7, HAPPENED, 0.85)
        for one in warned:
            colour = COLOURS[one.fate]
            _bar(axes, place, one.warned_at, min(one.resolved_at or window.end, window.end), 0.22, colour, 1.0)
            axes.plot([_x(one.warned_at)], [place], marker="o", markersize=4, color=colour)
    axes.set_yticks(range(len(rows)), [subject for subject, _, _ in rows], fontsize=7)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(_x(window.begin), _x(window.end))
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for label, colour, width in (("happened", HAPPENED, 8.0), *((f"warning: {f}", c, 3.0) for f, c in COLOURS.items())):
        axes.plot([], [], color=colour, linewidth=width, label=label)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=5, fontsize=8, frameon=False)


def _bar(axes: Axes, place: int, begin: datetime, end: datetime, height: float, colour: str, alpha: float) -> None:
    width = max(_x(end) - _x(begin), 0.5)
    axes.barh(place, width, left=_x(begin), height=height, color=colour, alpha=alpha, linewidth=0)


def _owners(axes: Axes, judgement: Judgement, window: Window) -> None:
    """Warnings raised in each week, one colour an owner."""
    weeks: defaultdict[datetime, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in judgement.warnings:
        day = one.warned_at.replace(hour=0, minute=0, second=0, microsecond=0)
        weeks[day - timedelta(days=day.weekday())][one.owner] += 1
    ordered = sorted(weeks)
    base = [0] * len(ordered)
    for owner, colour in zip(judgement.by_owner, OWNERS * len(judgement.by_owner), strict=False):
        heights = [weeks[week][owner] for week in ordered]
        per_day = judgement.by_owner[owner].per_day
        label = f"{owner} ({per_day:.2f} a day)"
        axes.bar([_x(w) for w in ordered], heights, 6.0, bottom=base, align="edge", color=colour, label=label)
        base = [below + height for below, height in zip(base, heights, strict=True)]
    axes.set_ylabel("warnings a week", fontsize=8)
    axes.set_xlim(_x(window.begin), _x(window.end))
    axes.yaxis.get_major_locator().set_params(integer=True)
    if judgement.by_owner:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=5, fontsize=8, frameon=False)


def _x(at: datetime) -> float:
    """Days since 1970, as matplotlib counts them."""
    return at.timestamp() / 86_400
