"""The program `bellwether`: its commands, and what `--help` says of them."""

from pathlib import Path
from typing import Annotated

import typer

from streams.cli import (
    alerts,
    archive,
    archive_replay,
    audit,
    database,
    demonstrate,
    describe,
    dlq,
    feeds,
    mapping,
    partner,
    replay,
    rota,
    rules,
    silences,
    state,
    topics,
    up,
)

HELP = """Early, explained warnings of drug shortages from the events of contract manufacturers.

See it work (no service needed, about a minute):

    bellwether demo

Run it on your Kafka and PostgreSQL:

\b
    export BELLWETHER_KAFKA=kafka-1:9092
    export BELLWETHER_DATABASE=postgresql://bellwether@db/bellwether
    export BELLWETHER_NETWORK=network.yaml
    bellwether db upgrade
    bellwether topics apply
    bellwether up

Settings come from options, BELLWETHER_… in the environment, files in the folder
BELLWETHER_SECRETS, and bellwether.yaml, in that order.
"""

app = typer.Typer(
    name="bellwether",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demonstrate.demo)
app.command("up")(up.up)
app.command("replay")(replay.replay)
app.command("status")(state.status)
app.command("feeds")(feeds.feeds)
app.command("schema")(describe.schema)
app.command("version")(describe.version)
app.add_typer(topics.app, name="topics")
app.add_typer(database.app, name="db")
app.add_typer(partner.app, name="partner")
app.add_typer(mapping.app, name="mapping")
app.add_typer(dlq.app, name="dlq")
app.add_typer(rules.app, name="rules")
app.add_typer(alerts.app, name="alerts")
app.add_typer(silences.app, name="silences")
app.add_typer(rota.app, name="rota")
app.add_typer(audit.app, name="audit")
archive.app.command("replay")(archive_replay.replay)
app.add_typer(archive.app, name="archive")


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="The settings file; else BELLWETHER_CONFIG, else ./bellwether.yaml.")
    ] = None,
) -> None:
    context.obj = config


def main() -> None:
    """Run the command that the command line names."""
    app()
