"""`bellwether partner resume`: let the intake of a partner go on that was stopped because too much was refused."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from streams.cli.acting import acting_person, span
from streams.cli.alerts import By, Json, Reason, database
from streams.cli.speaking import Exit, clean_errors, err, fail, tell_json


def resume(
    context: typer.Context,
    partner: Annotated[str, typer.Argument(help="Its code in the network file.")],
    reason: Reason,
    lift: Annotated[
        str | None, typer.Option(help="No limit holds for so long: 30m, 4h, 2d. Else the limits hold at once.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Let a stopped intake go on where it stands: what waits on the partner's topic is read, within a second or two.

    It is counted anew from there. What is still bad goes to the dead letters until a limit is met again; with --lift all of it
    does. Exit code 1 where nothing stood still (limits are lifted all the same).

    Examples:

        bellwether partner resume acme --reason "the profile is mended"

        bellwether partner resume acme --lift 2h --reason "they cannot mend it; look at it in the dead letters"
    """
    with clean_errors(), database(context) as engine:
        from streams.intake.gate import resume as let_go_on

        now = datetime.now(UTC)
        until = None if lift is None else now + span(lift)
        stopped = let_go_on(engine, partner, acting_person(by), reason, now, until)
    if json:
        was = None if stopped is None else {"stopped_at": stopped.at, "why": stopped.why}
        tell_json({"partner": partner, "was": was, "limits_lifted_until": until})
    elif stopped is not None:
        err.print(f"the intake of {partner} goes on; it had stopped at {stopped.at:%Y-%m-%d %H:%M} UTC: {stopped.why}")
    elif until is not None:
        err.print(f"the intake of {partner} goes on; no limit holds until {until:%Y-%m-%d %H:%M} UTC")
    if stopped is None and until is None:
        fail(f"the intake of {partner} did not stand still", Exit.FOUND)
