"""`bellwether archive …`: what came, beyond the days that Kafka keeps it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.table import Column, Table

from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json

if TYPE_CHECKING:
    from streams.archive.place import Archive
    from streams.archive.reading import Kept
    from streams.archive.record import StoredRecord

app = typer.Typer(help="Raw records beyond the days that Kafka keeps them.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Partner = Annotated[str | None, typer.Option(help="Only what this partner sent.")]
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
Begin = Annotated[datetime | None, typer.Option("--from", formats=FORMATS, help="What came from then on (UTC).")]
End = Annotated[datetime | None, typer.Option("--until", formats=FORMATS, help="What came before then (UTC).")]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one topic. `records` counts offsets: a few may be markers of transactions."""

    topic: str
    partner: str | None
    segments: int
    records: int
    bytes: int
    begin: datetime
    end: datetime


@app.command("list")
def list_(context: typer.Context, partner: Partner = None, json: Json = False) -> None:
    """What is there: by topic, from when to when, how many records, how many bytes.

    Example:

        bellwether archive list --partner acme
    """
    with clean_errors():
        from streams.archive.reading import kept

        topics: dict[str, list[Kept]] = {}
        for one in kept(_archive(context), partner):
            topics.setdefault(one.shelf.topic, []).append(one)
        held = [_held(topic, segments) for topic, segments in topics.items()]
    if json:
        tell_json({"topics": held})
        return
    topic = Column("topic", overflow="fold")
    table = Table(topic, "from", "until", "records", "segments", "bytes", box=None, header_style="bold")
    for one in held:
        begin, end = (f"{at:%Y-%m-%d}" for at in (one.begin, one.end))
        table.add_row(one.topic, begin, end, f"{one.records:,}", f"{one.segments:,}", f"{one.bytes:,}")
    out.print(table)


@app.command()
def verify(context: typer.Context, partner: Partner = None, json: Json = False) -> None:
    """Read everything: exit code 1 if a segment was changed, cut short, moved or taken away; says which.

    Example:

        bellwether archive verify
    """
    with clean_errors():
        from streams.archive.reading import faults

        found = list(faults(_archive(context), partner))
    if json:
        tell_json({"faults": [fault._asdict() for fault in found]})
    else:
        for fault in found:
            out.print(f"{fault.place}: {fault.message}", soft_wrap=True, markup=False)
        out.print("[green]everything is as it was written[/]" if not found else f"{len(found)} fault(s)")
    if found:
        raise typer.Exit(int(Exit.FOUND))


@app.command()
def find(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The event's `source`.")],
    event: Annotated[str, typer.Argument(help="The event's `id`.")],
    raw: Annotated[bool, typer.Option("--raw", help="Only the bytes that the partner sent, as they came.")] = False,
    json: Json = False,
) -> None:
    """From a canonical event to the record that it came of: where that lay, when it came, what read it, its headers.

    Exit code 1 where the archive does not know the event, or has not got its record.

    Examples:

        bellwether archive find /acme/erp evt-1

        bellwether archive find /acme/erp evt-1 --raw > evt-1.json
    """
    with clean_errors():
        from streams.archive.reading import at_origin, links
        from streams.archive.segment import Damaged

        archive = _archive(context)
        try:
            found = [(link, at_origin(archive, link.origin, link.instant)) for link in links(archive, source, event)]
        except (Damaged, ValueError) as error:
            fail(str(error), Exit.FOUND)
    if not found:
        fail(f"the archive knows no event {event} of {source}", Exit.FOUND)
    if any(record is None for _, record in found):
        fail(f"{found[0][0].origin} is not in the archive, though the event {event} came of it", Exit.FOUND)
    if raw:
        sys.stdout.buffer.write((found[0][1] and found[0][1].value) or b"")
        return
    told = [{"origin": link.origin, "mapping": link.mapping, "canonical_at": link.instant, "record": _shown(record)}
            for link, record in found if record is not None]  # fmt: skip
    if json:
        tell_json({"source": source, "id": event, "found": told})
        return
    for link, record in found:
        if record is not None:
            headers = ", ".join(f"{name}: {value.decode('utf-8', 'replace')}" for name, value in record.headers)
            size = len(record.value or b"")
            out.print(
                f"{link.origin}, {record.at:%Y-%m-%d %H:%M:%S} UTC, {size} bytes, read by {link.mapping}\n  {headers}",
                soft_wrap=True, markup=False,
            )  # fmt: skip


@app.command()
def extract(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write: JSON lines, one a record.")],
    partner: Annotated[str, typer.Option(help="Whose records.")],
    begin: Begin = None,
    end: End = None,
) -> None:
    """Write a partner's records of a stretch of time into a file: place, time, key, headers and value of each.

    Bytes are written in base64, so that they come out as they were.

    Example:

        bellwether archive extract acme.jsonl --partner acme --from 2026-03-01 --until 2026-04-01
    """
    with clean_errors():
        from streams.archive.reading import raw_records
        from streams.archive.segment import Damaged

        written = 0
        try:
            with to.open("wb") as file:
                for records in raw_records(_archive(context), partner, utc(begin), utc(end)):
                    for record in records:
                        file.write(msgspec.json.encode(_shown(record)) + b"\n")
                        written += 1
        except Damaged as error:
            fail(str(error), Exit.FOUND)
    out.print(f"{written:,} records are in {to}", soft_wrap=True)


def _archive(context: typer.Context) -> "Archive":
    from streams import settings
    from streams.archive.keepers import archive_of

    return archive_of(settings.load(context.obj))


def _held(topic: str, segments: "list[Kept]") -> Held:
    return Held(
        topic=topic,
        partner=segments[0].partner,
        segments=len(segments),
        records=sum(one.name.last - one.name.first + 1 for one in segments),
        bytes=sum(one.bytes for one in segments),
        begin=min(one.name.begin for one in segments),
        end=max(one.name.end for one in segments),
    )


def _shown(record: "StoredRecord") -> dict[str, object]:
    """As JSON, with all bytes in base64."""
    return {
        "origin": record.origin, "at": record.at, "key": record.key, "value": record.value,
        "headers": [{"name": name, "value": value} for name, value in record.headers],
    }  # fmt: skip


def utc(day: datetime | None) -> datetime | None:
    """What was typed, as an instant."""
    return None if day is None else day.replace(tzinfo=UTC)
