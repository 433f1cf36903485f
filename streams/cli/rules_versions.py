"""`bellwether rules versions`: which rulebook is in force, and who changed it when and why."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from streams.cli.speaking import clean_errors, out, tell_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.rulebooks.history import ChangeMade, Tally


def versions(
    context: typer.Context,
    most: Annotated[int, typer.Option(min=1, help="So many changes, the newest first.")] = 10,
    diff: Annotated[bool, typer.Option("--diff", help="With what each change says in other words.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """The versions of the rulebook: when, by whom and why each came into force, and what the shadow counts.

    Reads the database; needs no running service.

    Examples:

        bellwether rules versions

        bellwether rules versions --most 1 --diff

        bellwether rules versions --json | jq -r '.changes[] | [.at, .version, .author, .reason] | @tsv'
    """
    with clean_errors():
        from alerting.database import connect, reading
        from streams import schema, settings
        from streams.rulebooks import history
        from streams.rulebooks.store import in_force

        engine = connect(settings.load(context.obj).database_url)
        try:
            with reading(engine) as connection:
                schema.require_latest(connection)
                now = in_force(connection)
                made = history.changes(connection, most)
                counted = history.tallies(connection, now.shadow)
        finally:
            engine.dispose()
    if json:
        tell_json({"live": now.live, "shadow": now.shadow, "changes": made, "shadow_tallies": counted})
        return
    out.print(f"In force: {now.live or 'none yet'}" + (f", and {now.shadow} as its shadow" if now.shadow else ""))
    _show(made, diff)
    _show_shadow(counted)


def _show(made: "Sequence[ChangeMade]", with_diff: bool) -> None:
    table = Table("at", "part", "version", "before", "by", "reason", "worker", box=None)
    for one in made:
        table.add_row(f"{one.at:%Y-%m-%d %H:%M:%S}Z", one.part, one.version or "none", one.before or "",
                      one.author or "not said", one.reason or "", one.worker)  # fmt: skip
    if made:
        out.print(table)
    for one in made if with_diff else ():
        out.print(f"\n{one.before or 'nothing'} to {one.version or 'nothing'}:")
        out.print(one.diff, markup=False, soft_wrap=True)


def _show_shadow(counted: "Sequence[Tally]") -> None:
    if counted:
        table = Table("kind", "severity", "raised", "open now", title="The shadow would have", box=None)
        for one in counted:
            table.add_row(one.kind, one.severity, str(one.raised), str(one.open))
        out.print(table)
