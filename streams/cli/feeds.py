"""`bellwether feeds`: which partner's data can still be trusted."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from streams.cli.speaking import clean_errors, out, tell_json


def feeds(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="So many days of history.", min=1, max=366)] = 14,
    json: Annotated[bool, typer.Option("--json", help="One JSON array on standard output.")] = False,
) -> None:
    """Each site's feed: when it spoke last, its rhythm, how far it can be trusted, and why.

    Reads the database; needs no running service. docs/feeds.md says what the figures rest on.

    Examples:

        bellwether feeds

        bellwether feeds --json | jq '.[] | select(.broken) | .site'
    """
    with clean_errors():
        from alerting.database import connect, reading
        from streams import schema, settings
        from streams.feeds import told_of

        engine = connect(settings.load(context.obj).database_url)
        try:
            with reading(engine) as connection:
                schema.require_latest(connection)
                found = told_of(connection, days)
        finally:
            engine.dispose()
    if json:
        tell_json(found)
        return
    table = Table("partner", "site", "last word", "rhythm", "trust", "why", f"last {days} days", box=None)
    for one in found:
        rhythm = ", ".join(f"{name} {hours:.0f} h" for name, hours in one.rhythms.items()) or "none yet"
        why = ", ".join(f"{name} -{points:.0f}" for name, points in one.lost.items())
        history = " ".join(f"{past.trust:.0f}" for past in one.history)
        table.add_row(
            escape(one.partner), escape(one.site), f"{one.last_event_at:%Y-%m-%d %H:%M}Z", rhythm,
            "not known yet" if one.trust is None else f"{one.trust:.0f}", why, history,
        )  # fmt: skip
    out.print(table if found else "No feed has spoken yet.")
