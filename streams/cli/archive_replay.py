"""`bellwether archive replay`: a stretch of time lived through again, with other maps, into another database."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Engine

from streams.cli.archive import Begin, End, Json, Partner, utc
from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from streams.archive.replaying import Replayed, Stretch
    from streams.settings import Settings


def replay(
    context: typer.Context,
    database: Annotated[str, typer.Option(help="Where the result goes: an empty database of its own.")],
    begin: Begin = None,
    end: End = None,
    partner: Partner = None,
    profiles: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The folder with profiles to read by.")
    ] = None,
    network: Annotated[Path | None, typer.Option(help="The network file; else from the settings.")] = None,
    rulebook: Annotated[
        list[str] | None, typer.Option(help="A rulebook file, or the name of one that ships; may be given again.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=168, help="How often the stream's clock looks.")] = 24,
    json: Json = False,
) -> None:
    """Run archived records through the intake's reading and the ledger, on the stream's clock, into another database.

    Kafka is not needed, nobody is told, and the service's own database is not touched. Afterwards look at it with
    --database or BELLWETHER_DATABASE set to it: `bellwether status`, `bellwether alerts list`.

    Examples:

        bellwether archive replay --database sqlite:///mended.db --profiles mended/

        bellwether archive replay --from 2026-03-01 --until 2026-04-01 --partner acme --database sqlite:///march.db --json
    """
    with clean_errors():
        from streams import settings
        from streams.archive.replaying import Stretch

        told = settings.load(
            context.obj, network=network, database=database, profiles=None if profiles is None else (profiles,)
        )
        if told.network is None:
            fail("which sites has each partner? Set BELLWETHER_NETWORK to the network file", Exit.USAGE)
        stretch = Stretch(utc(begin), utc(end), partner)
        result = _replayed(told, stretch, rulebook or (), timedelta(hours=hours))
    if json:
        tell_json(result)
    else:
        _show(result)


def _replayed(told: "Settings", stretch: "Stretch", rulebook: "list[str] | tuple[()]", every: timedelta) -> "Replayed":
    from alerting.database import connect
    from risk_rules import rulebook as rulebooks
    from streams.archive.keepers import archive_of
    from streams.archive.replaying import NotEmpty, replay
    from streams.archive.segment import Damaged
    from streams.cli.rulebook_files import resolved
    from streams.intake import profile as intake_profiles
    from streams.network.load import load

    assert told.network is not None
    archive, profiles, world = archive_of(told), intake_profiles.load_all(told.profiles), load(told.network)
    book = rulebooks.load(resolved(rulebook, told))
    engine = connect(told.database_url)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        _prepare(engine)
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("replaying")

            def progress(records: int, at: datetime | None) -> None:
                day = "" if at is None else f", {at:%d %b %Y}"
                bar.update(task, description=f"replaying: {records:,} events{day}")

            return replay(archive, stretch, profiles, world, book, engine, every=every, progress=progress)
    except (NotEmpty, Damaged) as error:
        fail(str(error), Exit.USAGE if isinstance(error, NotEmpty) else Exit.FOUND)
    finally:
        engine.dispose()


def _prepare(engine: Engine) -> None:
    """SQLite is brought up to date here; PostgreSQL must be (`bellwether db upgrade`)."""
    from alerting.database import reading
    from streams import schema

    if engine.dialect.name == "sqlite":
        schema.upgrade(engine)
        return
    with reading(engine) as connection:
        schema.require_latest(connection)


def _show(result: "Replayed") -> None:
    table = Table(box=None, show_header=False)
    table.add_row("records", f"{result.records:,}")
    for reason, number in result.refused.items():
        table.add_row(f"refused: {reason}", f"{number:,}")
    table.add_row("events", f"{result.events:,}")
    if result.refused_by_ledger:
        table.add_row("refused by the ledger", f"{result.refused_by_ledger:,}")
    if result.first is not None and result.last is not None:
        table.add_row("came", f"{result.first:%Y-%m-%d %H:%M} to {result.last:%Y-%m-%d %H:%M} UTC")
    out.print(table)
