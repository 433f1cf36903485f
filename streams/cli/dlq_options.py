"""The options by which commands name dead letters."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer


class States(StrEnum):
    """Which letters by what became of them."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    ALL = "all"


class CountedBy(StrEnum):
    """What letters are counted by."""

    REASON = "reason"
    MAPPING = "mapping"
    FAMILY = "family"
    PLACE = "place"
    DAY = "day"


Partner = Annotated[str, typer.Argument(help="Its code in the network file.")]
State = Annotated[States, typer.Option(help="What became of them.")]
WithReason = Annotated[list[str] | None, typer.Option("--with-reason", help="Refused for this; may be given again.")]
Mapping = Annotated[str | None, typer.Option(help="Read by this map: its name, or name@version.")]
Family = Annotated[str | None, typer.Option(help="shipment, raw_material, batch, deviation, or unknown.")]
Since = Annotated[datetime | None, typer.Option(help="Refused at or after this time (UTC).")]
Before = Annotated[datetime | None, typer.Option(help="Refused before this time (UTC).")]
Place = Annotated[str | None, typer.Option(help="This text is in the place of the fault or in the message.")]
Offset = Annotated[list[int] | None, typer.Option(help="This letter; may be given again.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
