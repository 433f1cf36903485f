"""`bellwether schema` and `bellwether version`: what this program understands, and which one it is."""

import platform
import sys
from enum import StrEnum
from importlib.metadata import version as installed
from typing import Annotated

import typer

from streams.cli.speaking import out, tell_json


class Subject(StrEnum):
    ALERTING = "alerting"
    EVENTS = "events"
    METRICS = "metrics"
    RULEBOOK = "rulebook"


def schema(
    subject: Annotated[
        Subject,
        typer.Argument(
            help="alerting, events, rulebook: JSON Schema of alerting files, events, rulebooks; metrics: their page."
        ),
    ],
) -> None:
    """Print what the program understands, made from the code that it runs.

    Examples:

        bellwether schema events > events.schema.json

        bellwether schema metrics > docs/metrics.md
    """
    if subject is Subject.METRICS:
        from streams.metrics import markdown

        sys.stdout.write(markdown())
    elif subject is Subject.RULEBOOK:
        from risk_rules.schema import rulebook_schema

        tell_json(rulebook_schema())
    elif subject is Subject.ALERTING:
        from alerting.configuration.schema import alerting_schema

        tell_json(alerting_schema())
    else:
        tell_json(event_schemas())


def event_schemas() -> dict[str, object]:
    """JSON Schema 2020-12: one definition for each type of event, and one of them a record must meet."""
    import msgspec

    from streams.events import EVENT_TYPES

    schemas, definitions = msgspec.json.schema_components(EVENT_TYPES.values(), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Canonical events of Bellwether",
        "oneOf": list(schemas),
        "$defs": definitions,
    }


def version(json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False) -> None:
    """Print the version of this program and of what it stands on."""
    versions = {name: installed(name) for name in ("bellwether", "faust-streaming", "aiokafka", "sqlalchemy")}
    versions["python"] = platform.python_version()
    if json:
        tell_json(versions)
    else:
        out.print("\n".join(f"{name} {number}" for name, number in versions.items()))
