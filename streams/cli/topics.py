"""`bellwether topics …`: the topics on Kafka, and who may do what with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json
from streams.settings import EMBEDDED, Settings
from streams.topics import Difference, Topic, TopicAdmin, compare, wanted

if TYPE_CHECKING:
    from streams.cli.access import Report
    from streams.network.model import Network

app = typer.Typer(help="The topics on Kafka, and who may do what with them.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Acls = Annotated[bool, typer.Option("--acls", help="The users and ACLs, too.")]


@app.command()
def check(context: typer.Context, acls: Acls = False, json: Json = False) -> None:
    """Say what differs between the topics as they should be and as they are; exit code 1 if anything does.

    Example:

        bellwether topics check --acls
    """
    with clean_errors():
        from streams.cli import access

        told, network = _told(context)
        topics = wanted(network.partners, partitions=told.partitions)
        with _admin(told) as admin:
            differences = compare(topics, admin.found(topics))
        report = access.check(told, network) if acls else None
    _report(topics, differences, (), report, json)


@app.command()
def apply(
    context: typer.Context,
    acls: Acls = False,
    passwords: Annotated[
        Path, typer.Option(help="Folder with a file a user; passwords are made there, once, and never shown.")
    ] = Path("kafka-users"),
    password: Annotated[
        list[str] | None, typer.Option(help="Where else a password is: USER=env:NAME or USER=file:PATH.")
    ] = None,
    renew: Annotated[list[str] | None, typer.Option(help="A user that gets another password.")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Take away what partners that left still have.")] = False,
    only_print: Annotated[
        bool,
        typer.Option("--print", help="Change nothing: write the commands of Kafka's tools that make users and ACLs."),
    ] = False,
    json: Json = False,
) -> None:
    """Make the topics that are missing and set their configuration. Never deletes and never adds partitions.

    For every partner of the network: cdmo.<partner>.inbound and cdmo.<partner>.dlq; and scrm.events.v1 for all.
    With --acls a SCRAM-SHA-512 user for each partner and each role of the service, with the least that it needs.

    Examples:

        BELLWETHER_NETWORK=network.yaml bellwether topics apply

        bellwether topics apply --acls --passwords /etc/bellwether/kafka-users
    """
    with clean_errors():
        from streams.cli import access

        told, network = _told(context)
        wish = access.Wish(passwords, tuple(password or ()), tuple(renew or ()), prune)
        if only_print:
            _print(access.script(told, network, wish), access.as_wanted(told, network), json)
            return
        topics = wanted(network.partners, partitions=told.partitions)
        with _admin(told) as admin:
            differences = compare(topics, admin.found(topics))
            left = admin.apply(topics, differences)
        report = access.apply(told, network, wish) if acls else None
    _report(topics, left, tuple(one for one in differences if one not in left), report, json)


def _told(context: typer.Context) -> "tuple[Settings, Network]":
    from streams import settings
    from streams.network.load import load

    told = settings.load(context.obj)
    if told.kafka == EMBEDDED:
        fail("the embedded broker makes its own topics; set BELLWETHER_KAFKA=host:port to reach Kafka", Exit.USAGE)
    if told.network is None:
        fail("which partners? Set BELLWETHER_NETWORK to the network file", Exit.USAGE)
    return told, load(told.network)


def _admin(told: Settings) -> TopicAdmin:
    return TopicAdmin(told.kafka_servers, told.kafka_client(), replication_factor=told.replication_factor)


def _print(lines: tuple[str, ...], want: Any, json: bool) -> None:
    if json:
        tell_json({"users": sorted(want.users), "grants": [one._asdict() for one in sorted(want.grants)]})
    else:
        typer.echo("\n".join(lines))


def _report(
    topics: tuple[Topic, ...],
    left: tuple[Difference, ...],
    mended: tuple[Difference, ...],
    report: "Report | None",
    json: bool,
) -> None:
    if json:
        as_json = [[difference._asdict() for difference in differences] for differences in (left, mended)]
        told = {"topics": [topic.name for topic in topics], "differences": as_json[0], "mended": as_json[1]}
        tell_json(told if report is None else told | {"access": report.as_json()})
    else:
        _show(topics, left, mended)
        if report is not None:
            report.show()
    if left or (report is not None and report.left):
        raise typer.Exit(int(Exit.FOUND))


def _show(topics: tuple[Topic, ...], left: tuple[Difference, ...], mended: tuple[Difference, ...]) -> None:
    table = Table("topic", "partitions", "state", box=None, header_style="bold")
    for topic in topics:
        state = "[green]made right[/]" if any(d.topic == topic.name for d in mended) else "in order"
        wrong = [difference.message for difference in left if difference.topic == topic.name]
        table.add_row(topic.name, str(topic.partitions), "[red]" + "; ".join(wrong) + "[/]" if wrong else state)
    out.print(table)
