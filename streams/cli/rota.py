"""`bellwether rota`: who is on duty, and when nobody is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from streams.cli.alerts_check import configuration_of
from streams.cli.alerts_route import moment
from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json

if TYPE_CHECKING:
    from alerting.configuration.configuration import Configuration
    from alerting.configuration.rotas import Rota, Stretch

app = typer.Typer(no_args_is_help=True, help="Who is on duty when, and the hours that nobody has.")

Name = Annotated[str | None, typer.Argument(help="The rota. Else all of them.", metavar="ROTA")]
From = Annotated[str | None, typer.Option("--from", help="From when: 2026-12-24T22:00+01:00. Else from now.")]
File = Annotated[Path | None, typer.Option(help="The alerting file. Else the settings'.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def show(
    context: typer.Context,
    rota: Name = None,
    begin: From = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="For so many days.")] = 14,
    file: File = None,
    json: Json = False,
) -> None:
    """Who is on duty, from one change to the next, in the zone of the rota.

    Examples:

        bellwether rota show

        bellwether rota show buyers-on-call --from 2026-12-24 --days 7 --json | jq '.rotas[].stretches[].people'
    """
    with clean_errors():
        configuration = configuration_of(context, file)
        since = moment(begin)
        until = since + timedelta(days=days)
        found = {name: list(one.stretches(since, until)) for name, one in _rotas(configuration, rota).items()}
    _tell(configuration, found, json=json)


@app.command()
def gaps(
    context: typer.Context,
    rota: Name = None,
    begin: From = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="For so many days.")] = 90,
    file: File = None,
    json: Json = False,
) -> None:
    """The hours in which nobody is on duty; exit code 1 if there are any.

    Examples:

        bellwether rota gaps

        bellwether rota gaps buyers-on-call --days 365 --json | jq '.rotas[].stretches[] | .begin, .end'
    """
    with clean_errors():
        configuration = configuration_of(context, file)
        since = moment(begin)
        until = since + timedelta(days=days)
        found = {name: list(one.gaps(since, until)) for name, one in _rotas(configuration, rota).items()}
    found = {name: stretches for name, stretches in found.items() if stretches}
    if found or json:
        _tell(configuration, found, json=json)
    else:
        out.print(f"[green]no gap[/] in the next {days} days")
    if found:
        raise typer.Exit(int(Exit.FOUND))


def _rotas(configuration: "Configuration", name: str | None) -> "dict[str, Rota]":
    if name is None:
        return dict(configuration.rotas)
    if name not in configuration.rotas:
        from risk_rules.problems import did_you_mean

        hint = did_you_mean(name, configuration.rotas) or f"known are {', '.join(configuration.rotas) or 'none'}"
        fail(f"there is no rota {name}: {hint}", Exit.USAGE)
    return {name: configuration.rotas[name]}


def _tell(configuration: "Configuration", found: "dict[str, list[Stretch]]", *, json: bool) -> None:
    if json:
        tell_json({"rotas": [_as_json(configuration.rotas[name], found[name]) for name in found]})
        return
    if not found:
        out.print("There is no rota.")
    for name, stretches in found.items():
        _show(configuration.rotas[name], stretches)


def _as_json(rota: "Rota", stretches: "list[Stretch]") -> dict[str, Any]:
    return {
        "rota": rota.name,
        "team": rota.team,
        "zone": str(rota.zone),
        "stretches": [
            {"begin": _local(rota, one.begin), "end": _local(rota, one.end), "people": one.people} for one in stretches
        ],
    }


def _local(rota: "Rota", at: datetime) -> datetime:
    """The instant with the rota's offset."""
    return at.astimezone(UTC).astimezone(rota.zone)


def _show(rota: "Rota", stretches: "list[Stretch]") -> None:
    from alerting.configuration.notation import shown_at

    whose = "" if rota.team is None else f", of team {rota.team}"
    table = Table(title=f"\n{escape(rota.name)} ({rota.zone}{escape(whose)})", title_justify="left", box=None)
    for column in ("from", "to", "hours", "who"):
        table.add_column(column, overflow="fold")
    for one in stretches:
        hours = (one.end - one.begin) / timedelta(hours=1)
        who = escape(", ".join(one.people)) or "[red]nobody[/]"
        table.add_row(shown_at(one.begin, rota.zone), shown_at(one.end, rota.zone), f"{hours:.4g}", who)
    out.print(table)
