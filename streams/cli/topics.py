"""`bellwether topics …`: the topics on Kafka."""

from typing import Annotated

import typer
from rich.table import Table

from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json
from streams.settings import EMBEDDED, Settings
from streams.topics import Difference, Topic, TopicAdmin, compare, wanted

app = typer.Typer(help="The topics on Kafka.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def check(context: typer.Context, json: Json = False) -> None:
    """Say what differs between the topics as they should be and as they are; exit code 1 if anything does.

    Example:

        bellwether topics check
    """
    with clean_errors():
        told, topics = _wanted(context)
        with _admin(told) as admin:
            differences = compare(topics, admin.found(topics))
    _report(topics, differences, (), json)


@app.command()
def apply(context: typer.Context, json: Json = False) -> None:
    """Make the topics that are missing and set their configuration. Never deletes and never adds partitions.

    For every partner of the network: cdmo.<partner>.inbound and cdmo.<partner>.dlq; and scrm.events.v1 for all.

    Example:

        BELLWETHER_NETWORK=network.yaml bellwether topics apply
    """
    with clean_errors():
        told, topics = _wanted(context)
        with _admin(told) as admin:
            differences = compare(topics, admin.found(topics))
            left = admin.apply(topics, differences)
    _report(topics, left, tuple(one for one in differences if one not in left), json)


def _wanted(context: typer.Context) -> tuple[Settings, tuple[Topic, ...]]:
    from streams import settings
    from streams.network.load import load

    told = settings.load(context.obj)
    if told.kafka == EMBEDDED:
        fail("the embedded broker makes its own topics; set BELLWETHER_KAFKA=host:port to reach Kafka", Exit.USAGE)
    if told.network is None:
        fail("which partners? Set BELLWETHER_NETWORK to the network file", Exit.USAGE)
    return told, wanted(load(told.network).partners, partitions=told.partitions)


def _admin(told: Settings) -> TopicAdmin:
    return TopicAdmin(told.kafka_servers, told.kafka_client(), replication_factor=told.replication_factor)


def _report(
    topics: tuple[Topic, ...], left: tuple[Difference, ...], mended: tuple[Difference, ...], json: bool
) -> None:
    if json:
        as_json = [[difference._asdict() for difference in differences] for differences in (left, mended)]
        tell_json({"topics": [topic.name for topic in topics], "differences": as_json[0], "mended": as_json[1]})
    else:
        table = Table("topic", "partitions", "state", box=None, header_style="bold")
        for topic in topics:
            state = "[green]made right[/]" if any(d.topic == topic.name for d in mended) else "in order"
            wrong = [difference.message for difference in left if difference.topic == topic.name]
            table.add_row(topic.name, str(topic.partitions), "[red]" + "; ".join(wrong) + "[/]" if wrong else state)
        out.print(table)
    if left:
        raise typer.Exit(int(Exit.FOUND))
