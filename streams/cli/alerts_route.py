"""`bellwether alerts route`: who would be told of an alert, when, by which step and why."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from streams.cli.alerts_check import configuration_of
from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json

if TYPE_CHECKING:
    from alerting.configuration.configuration import Configuration
    from alerting.life.forecast import Forecast, Foreseen


class Level(StrEnum):
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"


def route(
    context: typer.Context,
    severity: Annotated[Level, typer.Option()] = Level.WARNING,
    kind: Annotated[str, typer.Option(help="Of risk, as the rules name it.")] = "",
    product: Annotated[str | None, typer.Option()] = None,
    material: Annotated[str | None, typer.Option()] = None,
    site: Annotated[str, typer.Option()] = "",
    partner: Annotated[str, typer.Option()] = "",
    region: Annotated[str | None, typer.Option()] = None,
    subject: Annotated[str, typer.Option(help="What it is about: material, shipment, batch ...")] = "",
    owner: Annotated[str | None, typer.Option(help="The role that the rule names.")] = None,
    at: Annotated[str | None, typer.Option(help="When it opens: 2026-12-24T22:00+01:00. Else now.")] = None,
    file: Annotated[Path | None, typer.Option(help="The alerting file. Else the settings'.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Who would be told of such an alert if nobody took it: when, by which step of the policy, how and why.

    What is not said the alert does not have. Silences, other open alerts and limits per hour are left out.

    Examples:

        bellwether alerts route --severity critical --kind material_shortage --product DP-A --site BSL

        bellwether alerts route --kind batch_rejected --at 2026-12-24T22:00+01:00 --json | jq '.decisions[].receiver'
    """
    with clean_errors():
        from alerting.labels import Labels
        from alerting.life.forecast import foresee
        from risk_rules.findings import Severity

        configuration = configuration_of(context, file)
        labels = Labels(
            severity=Severity[severity.value.upper()], kind=kind, subject_kind=subject, partner=partner, site=site,
            material=material, product=product, region=region, owner=owner,
        )  # fmt: skip
        forecast = foresee(configuration, labels, moment(at))
    if json:
        tell_json(_as_json(configuration, forecast))
    else:
        _show(configuration, forecast)


def moment(text: str | None) -> datetime:
    """The instant that a person names, UTC where they name no offset; now without a text."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{text} is no time: write 2026-12-24T22:00+01:00", Exit.USAGE)
    if not 2000 <= found.year < 2100:
        fail(f"{text} is not within this century", Exit.USAGE)
    return found


def _as_json(configuration: "Configuration", forecast: "Forecast") -> dict[str, Any]:
    chosen = forecast.route
    return {
        "configuration": configuration.version,
        "path": chosen.path,
        "targets": chosen.targets,
        "policy": None if chosen.policy is None else chosen.policy.name,
        "again_every_seconds": None if forecast.again_every is None else forecast.again_every.total_seconds(),
        "decisions": [
            {
                "at": one.at, "step": one.step, "receiver": one.receiver, "outcome": one.outcome,
                "goes_out_at": one.goes_out_at, "waits": one.waits, "contacts": one.contacts, "because": one.because,
            }
            for one in forecast.decisions
        ],
    }  # fmt: skip


def _show(configuration: "Configuration", forecast: "Forecast") -> None:
    chosen = forecast.route
    policy = "no policy follows" if chosen.policy is None else f"policy {chosen.policy.name}"
    out.print(f"route {' > '.join(chosen.path)}; {policy}", markup=False, soft_wrap=True)
    from alerting.configuration.notation import shown_duration

    before: tuple[datetime, int] | None = None
    for one in forecast.decisions:
        if before != (one.at, one.step):
            after = one.at - forecast.decisions[0].at
            when = f", {shown_duration(after)} after it opens" if after else ""
            out.print(f"\n[bold]{_step(forecast, one.step)}[/]{when}", soft_wrap=True)
        before = one.at, one.step
        out.print(f"  [bold]{escape(one.receiver)}[/] {escape(_how(configuration, one))}", soft_wrap=True)
        out.print(f"    {_why(one)}", markup=False, style="dim", soft_wrap=True)
    if forecast.again_every is not None:
        out.print(f"\nand the last again every {shown_duration(forecast.again_every)}, until somebody takes it")


def _step(forecast: "Forecast", number: int) -> str:
    policy = forecast.route.policy
    if number == 0:
        return "at once"
    return "last owner" if policy is not None and number > len(policy.steps) else f"step {number}"


def _how(configuration: "Configuration", one: "Foreseen") -> str:
    from alerting.configuration.notation import shown_at

    if one.goes_out_at is None:
        return "reaches nobody"
    way = ", else ".join(one.contacts)
    return f"on {shown_at(one.goes_out_at, configuration.receivers[one.receiver].zone)} by {way}"


def _why(one: "Foreseen") -> str:
    return one.because if one.waits is None else f"{one.because}; {one.waits}"
