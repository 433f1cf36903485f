"""`bellwether silences`: hold messages back for a time, with an author, a reason and an end."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from streams.cli.acting import acting_person, span
from streams.cli.alerts import By, Json, Reason, database
from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

app = typer.Typer(
    no_args_is_help=True,
    help="Hold messages back for a time. Alerts live on meanwhile; what is still open afterwards is told then.",
)


class Kind(StrEnum):
    SILENCE = "silence"
    MAINTENANCE = "maintenance"


@app.command("list")
def list_(
    context: typer.Context,
    past: Annotated[bool, typer.Option("--past", help="Also those that are over.")] = False,
    json: Json = False,
) -> None:
    """The silences in force and to come.

    Example:

        bellwether silences list --json | jq '.[].ends_at'
    """
    with clean_errors(), database(context) as engine:
        from alerting.database import reading
        from alerting.desk.enquiries import silences

        with reading(engine) as connection:
            found = silences(connection, datetime.now(UTC), past=past)
    if json:
        tell_json(found)
        return
    table = Table("id", "kind", "of what", "from", "until", "by", "why", box=None)
    for one in found:
        over = " (over)" if one.over else ""
        table.add_row(
            one.id[:8], one.kind, escape(", ".join(one.matchers)), f"{one.starts_at:%Y-%m-%d %H:%M}Z",
            f"{one.ends_at:%Y-%m-%d %H:%M}Z{over}", escape(one.author), escape(one.reason),
        )  # fmt: skip
    out.print(table if found else "No silence.")


@app.command()
def add(
    context: typer.Context,
    matchers: Annotated[
        list[str], typer.Argument(help="""All must hold: site=BSL 'kind=~"cold.*"' severity>=warning.""")
    ],
    reason: Reason,
    for_: Annotated[str, typer.Option("--for", help="For how long: 2h, 3d, 1w.")],
    kind: Annotated[Kind, typer.Option(help="maintenance: planned work at the site.")] = Kind.SILENCE,
    starts: Annotated[str | None, typer.Option("--in", help="Begins so much later: 30m, 2d. Else now.")] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Tell nobody of alerts that match, until the end. The end of an alert is told all the same.

    Examples:

        bellwether silences add site=BSL kind=feed_silent --for 2d --reason "their ERP moves" --kind maintenance

        bellwether silences add 'material=~"RM-.*"' --in 1d --for 8h --reason "yearly count"
    """
    with clean_errors(), database(context) as engine:
        from alerting.life.people import NotPossibleError
        from alerting.matchers import MatcherError, parse
        from streams.cli.desk import desk

        now = datetime.now(UTC)
        begin = now if starts is None else now + span(starts)
        try:
            spoken = [parse(text) for text in matchers]
            made = desk(context, engine).silence(
                spoken, kind.value, begin, begin + span(for_), acting_person(by), reason, now
            )
        except (MatcherError, NotPossibleError) as error:
            fail(str(error), Exit.USAGE)
    if json:
        tell_json({"id": made})
    else:
        err.print(f"silence {made[:8]} holds from {begin:%Y-%m-%d %H:%M} to {begin + span(for_):%Y-%m-%d %H:%M} UTC")


@app.command()
def end(
    context: typer.Context,
    silence: Annotated[str, typer.Argument(help="The id of the silence, or the first characters of it.")],
    reason: Reason,
    by: By = None,
) -> None:
    """End a silence before its time: what it held back and is still open is told now.

    Example:

        bellwether silences end 51f0 --reason "their ERP is back"
    """
    with clean_errors(), database(context) as engine:
        from alerting.database import reading
        from alerting.desk.enquiries import UnknownAlertError, named_silence
        from alerting.life.people import NotPossibleError
        from streams.cli.desk import desk

        try:
            with reading(engine) as connection:
                identifier = named_silence(connection, silence)
            desk(context, engine).end_silence(identifier, acting_person(by), reason, datetime.now(UTC))
        except (UnknownAlertError, NotPossibleError) as error:
            fail(str(error), Exit.FOUND)
    err.print(f"silence {identifier[:8]} is over")
