"""`bellwether replay`: a file of a partner through the whole way, on the stream's clock."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from streams.cli.speaking import clean_errors, out, tell_json


def replay(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file, as the partner sent it.")
    ],
    profile: Annotated[str, typer.Option(help="How to read it: a profile that ships (scms), or the path of one.")],
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
        from streams import settings
        from streams.demo.replaying import replayed

        told = settings.load(context.obj, database=database)
        result = replayed(file, profile, told)
    if json:
        tell_json(result)
        return
    table = Table(box=None, show_header=False)
    for name in ("rows", "accepted", "events", "shipments", "late", "alerts"):
        table.add_row(name, str(getattr(result, name)))
    out.print(table)
    for reason, number in result.rejected.items():
        out.print(f"rejected, {reason}: {number}")
