"""`bellwether status`: how the instance stands."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.table import Table

from streams.cli.speaking import clean_errors, err, out, tell_json
from streams.settings import EMBEDDED, Settings
from streams.status import Status
from streams.topics import EVENTS_TOPIC, TopicAdmin, TopicsRefusedError

COLOURS = {"critical": "bold red", "warning": "yellow", "watch": "cyan"}


def status(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Positions and lag, open alerts by severity, messages by state, and when each site was last heard of.

    Reads the database and asks Kafka; needs no running service.

    Examples:

        bellwether status

        bellwether status --json | jq .alerts
    """
    with clean_errors():
        from alerting.database import connect, reading
        from streams import schema, settings
        from streams.status import read_status

        told = settings.load(context.obj)
        engine = connect(told.database_url)
        try:
            with reading(engine) as connection:
                schema.require_latest(connection)
                found = read_status(connection, _end_offsets(told))
        finally:
            engine.dispose()
    if json:
        tell_json(found)
    else:
        _show(found)


def _end_offsets(told: Settings) -> Mapping[tuple[str, int], int]:
    if told.kafka == EMBEDDED:
        return {}
    try:
        with TopicAdmin(told.kafka_servers, told.kafka_client()) as admin:
            return admin.end_offsets(EVENTS_TOPIC)
    except TopicsRefusedError as error:
        err.print(f"[yellow]lag unknown:[/] {error}")
        return {}


def _show(found: Status) -> None:
    out.print("Open alerts: " + ", ".join(f"[{COLOURS[s]}]{n} {s}[/]" for s, n in found.alerts.items()))
    for alert in found.worst:
        out.print(f"  [{COLOURS[alert.severity]}]{alert.severity}[/] {alert.kind}: {alert.summary}")
    out.print("Messages: " + (", ".join(f"{number} {state}" for state, number in found.messages.items()) or "none"))
    table = Table("topic", "partition", "next offset", "lag", "counted", "repeated", "refused", "moved at", box=None)
    for p in found.positions:
        lag = "unknown" if p.lag is None else str(p.lag)
        figures = map(str, (p.counted, p.repeated, p.refused))
        table.add_row(p.topic, str(p.partition), str(p.next_offset), lag, *figures, f"{p.moved_at:%Y-%m-%d %H:%M:%S}Z")
    out.print(table if found.positions else "Positions: no event was handled yet")
    for feed in found.feeds:
        out.print(f"Feed {feed.partner} {feed.site}: last event {feed.last_event_at:%Y-%m-%d %H:%M}Z")
