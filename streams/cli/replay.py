"""`bellwether replay`: a file of a partner through the whole way, on the stream's clock."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from streams.cli.speaking import clean_errors, err, out, tell_json

if TYPE_CHECKING:
    from streams.replaying import Replayed


def replay(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file, as the partner sent it.")
    ],
    profile: Annotated[str, typer.Option(help="How to read it: a partner with a profile (scms), or the path of one.")],
    feed: Annotated[str | None, typer.Option(help="Which feed of the profile, where several fit.")] = None,
    database: Annotated[str | None, typer.Option(help="Where the result goes; else from the settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Run a file through intake, ledger and alerts as if it came in live, in the time that its rows tell.

    Every row is accounted for: accepted, or rejected with its line and reason. A second replay into the same database
    changes nothing.

    Examples:

        bellwether replay scms_deliveries.csv --profile scms

        bellwether replay scms_deliveries.csv --profile scms --database sqlite:///scms.db --json
    """
    with clean_errors():
        from streams import logs, settings
        from streams.replaying import replayed

        told = settings.load(context.obj, database=database)
        logs.configure(level=logging.ERROR)
        with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("replaying")

            def show(done: int, total: int, at: datetime | None) -> None:
                bar.update(
                    task, completed=done, total=total, description="refused rows" if at is None else f"{at:%d %b %Y}"
                )

            result = asyncio.run(replayed(file, profile, told, show, feed))
    if json:
        tell_json(result)
    else:
        _show(result)


def _show(result: "Replayed") -> None:
    table = Table(box=None, show_header=False)
    for name in ("rows", "accepted", "events", "shipments", "late", "alerts"):
        table.add_row(name, f"{getattr(result, name):,}")
    for reason, number in result.rejected.items():
        table.add_row(f"rejected: {reason}", f"{number:,}")
    out.print(table)
