"""`bellwether db …`: the database's tables."""

from typing import Annotated

import typer

from streams.cli.speaking import clean_errors, out, tell_json

app = typer.Typer(help="The database's tables.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """The database's tables."""


@app.command()
def upgrade(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(help="sqlite:///FILE or postgresql://…; else from the settings.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Make the tables, or bring those of an older version up to date. Safe to run again, and while others do.

    Examples:

        bellwether db upgrade

        bellwether db upgrade --database sqlite:///bellwether.db
    """
    with clean_errors():
        from alerting.database import connect
        from streams import schema, settings

        told = settings.load(context.obj, database=database)
        engine = connect(told.database_url)
        try:
            before, after = schema.upgrade(engine)
        finally:
            engine.dispose()
    if json:
        tell_json({"database": told.database_shown, "before": before, "after": after})
    elif before == after:
        out.print(f"{told.database_shown} is up to date (migration {after}).")
    else:
        out.print(f"{told.database_shown}: went from migration {before or 'none'} to {after}.")
