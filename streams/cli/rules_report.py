"""What `bellwether rules backtest` prints: as one JSON object, as tables, as a picture."""

import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import msgspec
from rich.console import Console
from rich.table import Table

from streams.backtest import picture
from streams.backtest.comparing import Comparison, compare
from streams.backtest.judging import Happened, Recall, Score, Warned
from streams.backtest.run import Question, Tested
from streams.cli.speaking import Exit, fail
from streams.settings import EMBEDDED, Settings

MOST_LISTED = 20


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON object. Times are UTC; `seconds` is what the replay took."""

    rulebook: str
    begin: date
    end: date
    days: float
    severity: str
    events: int
    refused: int
    seconds: float
    events_per_second: float
    total: Score
    by_owner: Mapping[str, Score]
    by_kind: Mapping[str, Score]
    by_rule: Mapping[str, Score]
    by_outcome: Mapping[str, Recall]
    by_day: Mapping[str, Mapping[str, int]]
    warnings: tuple[Warned, ...]
    outcomes: tuple[Happened, ...]
    against: "Against | None" = None

    @classmethod
    def of(cls, this: Tested, other: Tested | None, question: Question) -> Self:
        judged, lived = this.judgement, this.lived
        return cls(
            rulebook=this.version, begin=this.window.begin.date(), end=this.window.end.date(), days=this.window.days,
            severity=question.least, events=lived.events, refused=lived.refused, seconds=round(lived.seconds, 3),
            events_per_second=round(lived.events / lived.seconds, 1) if lived.seconds else 0.0,
            total=judged.total, by_owner=judged.by_owner, by_kind=judged.by_kind, by_rule=judged.by_rule,
            by_outcome=judged.by_outcome, by_day=judged.by_day, warnings=judged.warnings, outcomes=judged.outcomes,
            against=None if other is None else Against.of(this, other, question),
        )  # fmt: skip


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """The other rulebook over the same history, and the two beside each other."""

    rulebook: str
    total: Score
    by_owner: Mapping[str, Score]
    by_kind: Mapping[str, Score]
    by_rule: Mapping[str, Score]
    by_outcome: Mapping[str, Recall]
    comparison: Comparison

    @classmethod
    def of(cls, this: Tested, other: Tested, question: Question) -> Self:
        judged = other.judgement
        return cls(
            rulebook=other.version, total=judged.total, by_owner=judged.by_owner, by_kind=judged.by_kind, by_rule=judged.by_rule,
            by_outcome=judged.by_outcome, comparison=compare(this.judgement, judged, question.outcomes),
        )  # fmt: skip


@contextmanager
def stored_events(history: Path | None, told: Settings) -> Generator[Path]:
    """The file of the history: the one that is named, or the topic of events as it is now, copied for the time being."""
    if history is not None:
        yield history
        return
    if told.kafka == EMBEDDED:
        fail(
            "which events? Name a file of canonical events, or set BELLWETHER_KAFKA=host:port for the topic", Exit.USAGE
        )
    from streams.backtest.topic import copy

    with tempfile.TemporaryDirectory(prefix="bellwether-backtest-") as folder:
        path = Path(folder) / "history.jsonl"
        copy(told.kafka_servers, told.kafka_client(), path)
        yield path


def draw(path: Path, this: Tested, question: Question) -> None:
    """Write the picture, or say in one line why that cannot be done."""
    begin, end = this.window.begin, this.window.end
    title = f"Warnings of rulebook {this.version} against what happened, {begin:%d %b %Y} to {end:%d %b %Y}"
    try:
        picture.draw(path, this.judgement, question.outcomes, this.window, title)
    except (picture.PicturesNotInstalled, ValueError) as error:
        fail(str(error), Exit.USAGE)
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}", Exit.USAGE)


def show(console: Console, report: Report) -> None:
    """All of it for people."""
    console.print(
        f"[bold]{report.events:,} events[/] in {report.seconds:.1f} s ({report.events_per_second:,.0f}/s), "
        f"{report.refused} refused; rulebook {report.rulebook}; {report.begin:%d %b %Y} to {report.end:%d %b %Y}, "
        f"{report.days:.0f} days; alerts of {report.severity} or more",
        soft_wrap=True,
    )
    console.print(_scores("By owner", "owner", {**report.by_owner, "all": report.total}))
    console.print(_scores("By kind of alert", "kind", report.by_kind))
    console.print(_scores("By rule", "rule", report.by_rule))
    if report.total.judged:
        console.print(f"of {report.total.judged:,} of these alerts people said whether they were true", soft_wrap=True)
    console.print(_recalls(report.by_outcome))
    console.print(_calendar(report))
    missed = [one for one in report.outcomes if not one.foretold and report.by_outcome[one.outcome].foretold]
    _list(
        console,
        "Happened without a warning before it",
        [f"{one.began_at:%d %b %Y} {one.outcome} {one.subject}" for one in missed],
    )
    if report.against is not None:
        _beside(console, report, report.against)


def _scores(title: str, of: str, scores: Mapping[str, Score]) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", box=None, header_style="bold")
    table.add_column(of, no_wrap=True)
    for column in ("alerts", "a day", "came true", "too late", "not true", "undecided", "precision"):
        table.add_column(column, justify="right")
    for name, one in scores.items():
        figures = (one.came_true, one.too_late, one.not_true, one.undecided)
        table.add_row(
            name,
            f"{one.warnings:,}",
            f"{one.per_day:.2f}",
            *(f"{n:,}" if n else "" for n in figures),
            _share(one.precision),
        )
    return table


def _recalls(recalls: Mapping[str, Recall]) -> Table:
    table = Table(
        title="\nWhat happened, and whether it was foretold", title_justify="left", box=None, header_style="bold"
    )
    table.add_column("outcome", no_wrap=True)
    for column in ("happened", "foretold", "recall", "days before", "middle half", "least", "most"):
        table.add_column(column, justify="right")
    for name, one in recalls.items():
        if not one.happened:
            continue
        half = "" if one.days_quartiles is None else f"{one.days_quartiles[0]:.0f} to {one.days_quartiles[1]:.0f}"
        ends = ("", "") if one.days_range is None else tuple(f"{days:.0f}" for days in one.days_range)
        middle = "" if one.days_median is None else f"{one.days_median:.0f}"
        table.add_row(name, f"{one.happened:,}", f"{one.foretold:,}", _share(one.recall), middle, half, *ends)
    return table


def _calendar(report: Report) -> Table:
    """Alerts by day and owner; by week where there are more days than fit on a screen."""
    by_week = report.days > 45
    rows: dict[str, dict[str, int]] = {}
    for day, owners in report.by_day.items():
        at = date.fromisoformat(day)
        row = rows.setdefault((at - timedelta(days=at.weekday())).isoformat() if by_week else day, {})
        for owner, number in owners.items():
            row[owner] = row.get(owner, 0) + number
    title = f"\nAlerts raised, by {'week (from Monday)' if by_week else 'day'} and owner"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    table.add_column("from" if by_week else "day")
    for owner in report.by_owner:
        table.add_column(owner, justify="right")
    for at, row in rows.items():
        if row:
            table.add_row(at, *(str(row.get(owner, "")) for owner in report.by_owner))
    return table


def _beside(console: Console, report: Report, other: Against) -> None:
    """The two rulebooks: the figures of both, then the alerts that only one of them raised."""
    pairs, title = other.comparison, f"\nAgainst rulebook {other.rulebook}"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    table.add_column("")
    table.add_column("this", justify="right")
    table.add_column("other", justify="right")
    table.add_row("alerts", f"{report.total.warnings:,}", f"{other.total.warnings:,}")
    table.add_row("a day", f"{report.total.per_day:.2f}", f"{other.total.per_day:.2f}")
    table.add_row("precision", _share(report.total.precision), _share(other.total.precision))
    for name, one in report.by_outcome.items():
        its = other.by_outcome[name]
        if one.happened or its.happened:
            table.add_row(f"recall of {name}", _share(one.recall), _share(its.recall))
            table.add_row(f"days of warning of {name}", _number(one.days_median), _number(its.days_median))
    console.print(table)
    console.print(
        f"Raised by both: {len(pairs.both)} (this earlier: {pairs.earlier}, later: {pairs.later}, median "
        f"{_number(pairs.days_earlier_median)} days); only by this: {len(pairs.only_this)}, only by the other: "
        f"{len(pairs.only_other)}",
        soft_wrap=True,
    )
    _list(console, "Only this one raised", map(_line, pairs.only_this))
    _list(console, "Only the other raised", map(_line, pairs.only_other))


def _line(one: Warned) -> str:
    return f"{one.warned_at:%d %b %Y} {one.kind} {one.subject}: {one.fate}"


def _list(console: Console, title: str, lines: Iterable[str]) -> None:
    every = list(lines)
    if every:
        console.print(f"\n[bold]{title}[/] ({len(every)})")
        for line in every[:MOST_LISTED]:
            console.print(f"  {line}", markup=False, soft_wrap=True)
        if len(every) > MOST_LISTED:
            console.print(f"  and {len(every) - MOST_LISTED} more: --json has them all")


def _share(part: float | None) -> str:
    return "" if part is None else f"{100 * part:.0f} %"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
