"""`bellwether rules backtest` and `bellwether rules simulate`: what a rulebook would have said, and a past to try it on."""

import gc
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from streams.backtest.history import Survey
    from streams.backtest.judgements import Said
    from streams.backtest.run import Question, Tested
    from streams.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Day = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Judge from this day on (UTC).")]
LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Live and judge up to this day (UTC).")
]


def backtest(
    context: typer.Context,
    history: Annotated[
        Path | None,
        typer.Argument(dir_okay=False, help="Canonical events as JSON lines, in order; else the topic of events."),
    ] = None,
    rulebook: Annotated[
        list[str] | None, typer.Option(help="A rulebook file, or the name of one that ships; may be given again.")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Another rulebook, to be compared alert by alert; may be given again.")
    ] = None,
    begin: Day = None,
    end: LastDay = None,
    network: Annotated[Path | None, typer.Option(help="The network file; else from the settings.")] = None,
    severity: Annotated[str, typer.Option(help="An alert counts from this severity on.")] = "warning",
    outcomes: Annotated[Path | None, typer.Option(help="What counts as having happened; else what ships.")] = None,
    truth: Annotated[Path | None, typer.Option(help="What is known to have happened, as JSON lines.")] = None,
    judgements: Annotated[
        bool,
        typer.Option("--judgements", help="People's word on alerts in the settings' database goes before all else."),
    ] = False,
    hours: Annotated[int, typer.Option(min=1, max=168, help="Look every so often, if the history has no ticks.")] = 24,
    picture: Annotated[Path | None, typer.Option(help="Draw warnings against truth: FILE.svg or FILE.png.")] = None,
    json: Json = False,
) -> None:
    """Live through the past with a rulebook: which alerts it would have raised, and whether it was right.

    All events up to --to go through the very ledger of the service, on the stream's clock, in memory; nothing is written
    and nobody is told. What happened is read from the events too: docs/rules.md says what counts as true.

    Examples:

        bellwether rules simulate year --weeks 52

        bellwether rules backtest year/history.jsonl --network year/network.yaml --picture year.svg

        bellwether rules backtest events.jsonl --rulebook new.yaml --against default --from 2026-01-01 --to 2026-07-01

        bellwether rules backtest events.jsonl --judgements --json | jq .by_rule
    """
    with clean_errors():
        from streams import settings
        from streams.backtest.run import NoTime
        from streams.cli import rules_report
        from streams.cli.rulebook_files import resolved

        if severity not in ("watch", "warning", "critical"):
            fail(f"--severity: {severity!r} is none; known are watch, warning and critical", Exit.USAGE)
        told = settings.load(context.obj, network=network)
        question = _question(told, outcomes, truth, severity, begin, end)
        if judgements:
            question = question._replace(said=_said(context))
        files, others = resolved(rulebook or (), told), resolved(against) if against else None
        with rules_report.stored_events(history, told) as path:
            try:
                this, other = _lived(path, hours, files, others, question)
            except NoTime as error:
                fail(str(error), Exit.FOUND)
        report = rules_report.Report.of(this, other, question)
        if picture is not None:
            rules_report.draw(picture, this, question)
    if json:
        tell_json(report)
    else:
        rules_report.show(out, report)


def _question(
    told: "Settings",
    outcomes: Path | None,
    truth: Path | None,
    severity: str,
    begin: datetime | None,
    end: datetime | None,
) -> "Question":
    from streams.backtest import outcomes as outcome_files
    from streams.backtest import truth as truth_files
    from streams.backtest.run import Question
    from streams.network.load import load
    from streams.network.model import EMPTY

    if told.network is None:
        err.print("[yellow]no network file:[/] what the events do not say themselves is unknown to the rules")
    known = outcome_files.load(outcomes or outcome_files.SHIPPED)
    return Question(
        network=EMPTY if told.network is None else load(told.network),
        outcomes=known,
        least=severity,
        begin=None if begin is None else begin.replace(tzinfo=UTC),
        end=None if end is None else end.replace(tzinfo=UTC),
        known=() if truth is None else truth_files.load(truth, known),
    )


def _said(context: typer.Context) -> "list[Said]":
    """What people said of the alerts in the database of the settings."""
    from alerting.database import reading
    from streams.backtest.judgements import judgements
    from streams.cli.alerts import database

    with database(context) as engine, reading(engine) as connection:
        return judgements(connection)


def _lived(
    path: Path, hours: int, files: list[Path], others: list[Path] | None, question: "Question"
) -> "tuple[Tested, Tested | None]":
    from streams.backtest import history

    survey = history.survey(path)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    this = _through(path, survey, hours, files, question, "living through it")
    return this, None if others is None else _through(path, survey, hours, others, question, "with the other rulebook")


def _through(path: Path, survey: "Survey", hours: int, files: list[Path], question: "Question", label: str) -> "Tested":
    from datetime import timedelta

    from streams.backtest import history
    from streams.backtest.run import backtest as live_through

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=survey.records)

        def progress(records: int, at: datetime | None) -> None:
            day = "" if at is None else f", {at:%d %b %Y}"
            bar.update(task, completed=records, description=f"{label}{day}")

        steps = history.steps(history.lines(path), own_ticks=survey.own_ticks, every=timedelta(hours=hours))
        return live_through(steps, files, question, progress)


def simulate(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where the files go; made if it is not there.")],
    weeks: Annotated[int, typer.Option(min=4, max=520, help="Simulated weeks.")] = 52,
    seed: Annotated[int, typer.Option(min=0, help="Another number gives another world.")] = 1,
    calm: Annotated[bool, typer.Option("--calm", help="Nothing goes wrong.")] = False,
    json: Json = False,
) -> None:
    """Make a past to try rules on: the events of a simulated network of contract manufacturers, and what truly happened.

    Writes history.jsonl (canonical events with the ticks of the stream's clock), truth.jsonl (the shortages that there
    truly were) and network.yaml. Seven disruptions are built in, in the first half year.

    Examples:

        bellwether rules simulate year

        bellwether rules simulate quarter --weeks 13 --seed 7
    """
    with clean_errors(), Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        import msgspec

        from streams.backtest import simulated
        from streams.simulation import NETWORK_FILE
        from streams.simulation.disruptions import all_seven

        folder.mkdir(parents=True, exist_ok=True)
        world = simulated.world(seed, weeks, () if calm else all_seven())
        task = bar.add_task("simulating", total=7 * weeks)
        events = 0
        with (folder / "history.jsonl").open("wb") as file:
            for values in simulated.days(world):
                file.writelines(value + b"\n" for value in values)
                events += len(values) - 1
                bar.advance(task)
        known = simulated.shortages(world)
        (folder / "truth.jsonl").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in known))
        (folder / "network.yaml").write_bytes(NETWORK_FILE.read_bytes())
    if json:
        tell_json({"folder": str(folder), "days": 7 * weeks, "events": events, "shortages": len(known)})
    else:
        out.print(f"{events:,} events of {7 * weeks} days and {len(known)} shortages are in {folder}", soft_wrap=True)
