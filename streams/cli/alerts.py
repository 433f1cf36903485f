"""`bellwether alerts`: which there are, the story of one, and what people do about it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli import alerts_check, alerts_route
from streams.cli import alerts_view as view
from streams.cli.acting import acting_person, span
from streams.cli.speaking import Exit, clean_errors, err, fail, tell_json

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from alerting.life.people import Act

app = typer.Typer(
    no_args_is_help=True, help="What the rules found, who has it, who was told and why; and to act on it."
)
app.command("check")(alerts_check.check)
app.command("route")(alerts_route.route)

Id = Annotated[str, typer.Argument(help="The id of the alert, or the first characters of it.", metavar="ALERT")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; kept in the audit trail.")]
By = Annotated[str | None, typer.Option("--as", help="Who acts, if not the user of this machine.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


class Standing(StrEnum):
    """Which alerts to list."""

    ACTIVE = "active"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    ALL = "all"


class Level(StrEnum):
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"


@contextmanager
def database(context: typer.Context) -> Generator["Engine"]:
    """The database of the settings, brought up to date."""
    from alerting.database import connect, reading
    from streams import schema, settings

    engine = connect(settings.load(context.obj).database_url)
    try:
        with reading(engine) as connection:
            schema.require_latest(connection)
        yield engine
    finally:
        engine.dispose()


@app.command("list")
def list_(
    context: typer.Context,
    state: Annotated[Standing, typer.Option(help="active: open, acknowledged and snoozed ones.")] = Standing.ACTIVE,
    severity: Annotated[Level, typer.Option(help="This one and worse.")] = Level.WATCH,
    kind: Annotated[str | None, typer.Option(help="Only this kind of risk.")] = None,
    partner: Annotated[str | None, typer.Option()] = None,
    site: Annotated[str | None, typer.Option()] = None,
    material: Annotated[str | None, typer.Option()] = None,
    product: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """The alerts, the worst first and among equals the longest open.

    Examples:

        bellwether alerts list --severity warning --site BSL

        bellwether alerts list --state all --json | jq '.[].summary'
    """
    with clean_errors(), database(context) as engine:
        from alerting.database import reading
        from alerting.desk.enquiries import Wanted, listed
        from alerting.life.course import State
        from risk_rules.findings import Severity

        states = {Standing.ACTIVE: set(State) - {State.RESOLVED}, Standing.ALL: set(State)}
        wanted = Wanted(
            states=frozenset(states[state] if state in states else {State(state.value)}),
            minimum=Severity[severity.value.upper()],
            kind=kind, partner=partner, site=site, material=material, product=product, limit=limit,
        )  # fmt: skip
        with reading(engine) as connection:
            found = listed(connection, wanted)
    if json:
        tell_json(found)
    else:
        view.show_list(found, limit)


@app.command()
def show(context: typer.Context, alert: Id, json: Json = False) -> None:
    """The whole story of an alert: how it stands, what happened from the beginning, and who was told.

    Example:

        bellwether alerts show 9f2c41d0
    """
    with _alert(context, alert) as (engine, identifier):
        from alerting.database import reading
        from alerting.desk.enquiries import story

        with reading(engine) as connection:
            found = story(connection, identifier)
    if json:
        tell_json(found)
    else:
        view.show_story(found)


@app.command()
def explain(
    context: typer.Context,
    alert: Id,
    receiver: Annotated[
        str | None, typer.Option(help="Of whom; else of everybody about whom something was decided.")
    ] = None,
    json: Json = False,
) -> None:
    """Why somebody was told of an alert, or why not: route, duty, silence, inhibition, quiet hours, digest, delivery.

    Rests on what was stored when it was decided, so it is the same months later.

    Examples:

        bellwether alerts explain 9f2c41d0 --receiver mia

        bellwether alerts explain 9f2c41d0 --json | jq '.[] | select(.told | not)'
    """
    with _alert(context, alert) as (engine, identifier):
        from alerting.database import reading
        from alerting.desk.enquiries import receivers_of
        from alerting.desk.explaining import explained
        from alerting.versions import stored

        with reading(engine) as connection:
            whom = [receiver] if receiver is not None else receivers_of(connection, identifier)
            found = [explained(connection, identifier, one, stored(connection)) for one in whom]
    if json:
        tell_json(found)
    else:
        view.show_explanations(found)


@app.command()
def ack(
    context: typer.Context,
    alert: Id,
    reason: Reason,
    for_: Annotated[str, typer.Option("--for", help="For how long: 30m, 4h, 2d, 1w.")] = "1d",
    by: By = None,
    json: Json = False,
) -> None:
    """Take care of it: nobody else is asked until then. If it gets worse, or the time is over, it wakes again.

    Example:

        bellwether alerts ack 9f2c41d0 --reason "ordered 150 kg from Lonza" --for 2d
    """
    from alerting.life.people import Acknowledge

    _act(context, alert, lambda now: Acknowledge(now + span(for_), reason), by, json)


@app.command()
def snooze(
    context: typer.Context,
    alert: Id,
    reason: Reason,
    for_: Annotated[str, typer.Option("--for", help="For how long: 30m, 4h, 2d, 1w.")] = "4h",
    by: By = None,
    json: Json = False,
) -> None:
    """Not now: it comes back then, to whoever is on duty.

    Example:

        bellwether alerts snooze 9f2c41d0 --for 12h --reason "the site answers tomorrow"
    """
    from alerting.life.people import Snooze

    _act(context, alert, lambda now: Snooze(now + span(for_), reason), by, json)


@app.command()
def wake(context: typer.Context, alert: Id, reason: Reason, by: By = None, json: Json = False) -> None:
    """End an acknowledgement or a snooze: somebody else should look at it after all."""
    from alerting.life.people import Wake

    _act(context, alert, lambda now: Wake(reason), by, json)


@app.command()
def resolve(context: typer.Context, alert: Id, reason: Reason, by: By = None, json: Json = False) -> None:
    """Close it by hand, whatever the rules find: whoever was told of it hears that it is over.

    It returns if the rules find it gone and come back, or worse than it was.

    Example:

        bellwether alerts resolve 9f2c41d0 --reason "the stock was counted anew"
    """
    from alerting.life.people import Resolve

    _act(context, alert, lambda now: Resolve(reason), by, json)


@app.command()
def judge(
    context: typer.Context,
    alert: Id,
    reason: Reason,
    true: Annotated[bool, typer.Option("--true/--not-true", help="Whether what it said was so.")],
    by: By = None,
    json: Json = False,
) -> None:
    """Say whether an alert was true: `rules backtest` judges the rules by that. It changes nothing else.

    Example:

        bellwether alerts judge 9f2c41d0 --not-true --reason "the lot was booked twice"
    """
    from alerting.life.people import Judge

    _act(context, alert, lambda now: Judge(true, reason), by, json)


@contextmanager
def _alert(context: typer.Context, name: str) -> Generator[tuple["Engine", str]]:
    """The database, and the id of the alert that is meant."""
    with clean_errors(), database(context) as engine:
        from alerting.database import reading
        from alerting.desk.enquiries import UnknownAlertError, named

        try:
            with reading(engine) as connection:
                identifier = named(connection, name)
        except UnknownAlertError as error:
            fail(str(error), Exit.FOUND)
        yield engine, identifier


def _act(context: typer.Context, name: str, make: "Callable[[datetime], Act]", by: str | None, json: bool) -> None:
    with _alert(context, name) as (engine, identifier):
        from alerting.database import reading
        from alerting.desk.enquiries import story
        from alerting.life.people import NotPossibleError
        from streams.cli.desk import desk

        now = datetime.now(UTC)
        try:
            desk(context, engine).act(identifier, make(now), acting_person(by), now)
        except NotPossibleError as refused:
            fail(str(refused), Exit.FOUND)
        with reading(engine) as connection:
            found: Any = story(connection, identifier).alert
    if json:
        tell_json(found)
    else:
        until = "" if found.until is None else f" until {found.until:%Y-%m-%d %H:%M} UTC"
        err.print(f"alert {found.id[:8]} is {found.state}{until}")
