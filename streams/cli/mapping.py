"""`bellwether mapping`: what profiles make of partners' data, before anything is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.intake.admission import Feed
    from streams.intake.inbound import InboundRecord
    from streams.intake.map_difference import Differences
    from streams.intake.profile import PartnerFeed
    from streams.intake.trying import Outcome
    from streams.settings import Settings

app = typer.Typer(help="What profiles make of partners' data, without sending it.", no_args_is_help=True)

RECORDS_SHOWN = 20


@app.command("try")
def try_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file, as the partner sends it.")
    ],
    partner: Annotated[str, typer.Option(help="The partner, or the path of a profile.")],
    feed: Annotated[str | None, typer.Option(help="Which feed of the profile, where several fit.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show what a profile makes of a file: each record beside its canonical events, or beside the fault with its place.

    Nothing is sent and nothing is written. Exit code 1 when a record is refused.

    Examples:

        bellwether mapping try stock.csv --partner acme

        bellwether mapping try stock.json --partner new/acme.yaml --feed stock --json
    """
    from streams.intake.trying import outcomes

    with clean_errors():
        from streams import settings
        from streams.feed_choice import chosen_feed, profile_named

        told = settings.load(context.obj)
        profile, _ = profile_named(partner, told)
        chosen = chosen_feed(profile, file.name, feed)
        own = _sites(told, profile.partner)
        found = list(outcomes(_cut(file, chosen), profile, own, datetime.now(UTC)))
    if json:
        tell_json({"feed": chosen.mapping, "records": found})
    else:
        _show_outcomes(found)
        if own is None:
            err.print(f"no network names the partner {profile.partner}: sites are not checked", markup=False)
    if any(one.reason is not None for one in found):
        raise typer.Exit(int(Exit.FOUND))


@app.command("diff")
def diff(
    context: typer.Context,
    partner: Annotated[str, typer.Option(help="The partner, or the path of the profile as it is.")],
    new: Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The changed profile.")],
    last: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many of the newest records that came.")] = 1000,
    records: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="Records of this file, as the partner sends it."),
    ] = None,
    feed: Annotated[str | None, typer.Option(help="Which feed the file is of, where several fit.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show what a changed profile would do to records that came: to the last ones of the partner, or to those of a file.

    Tells how many would give the same events, others (and which fields), how many would be newly refused or newly taken.
    Exit code 1 when any would be newly refused.

    Examples:

        bellwether mapping diff --partner acme --new acme-new.yaml --last 10000

        bellwether mapping diff --partner acme --new acme-new.yaml --records stock.csv
    """
    from streams.intake.map_difference import differences
    from streams.intake.trying import outcomes

    with clean_errors():
        from streams import settings
        from streams.feed_choice import chosen_feed, profile_named
        from streams.intake.profile import load

        told = settings.load(context.obj)
        before, _ = profile_named(partner, told)
        after = load(new)
        if after.partner != before.partner:
            fail(f"{new} is of the partner {after.partner}, not of {before.partner}", Exit.USAGE)
        came = (
            _last(told, before.partner, last)
            if records is None
            else _cut(records, chosen_feed(before, records.name, feed))
        )
        own, now = _sites(told, before.partner), datetime.now(UTC)
        found = differences(outcomes(came, before, own, now), outcomes(came, after, own, now))
    if json:
        tell_json(found)
    else:
        _show_differences(found)
    if found.counts.get("newly_refused"):
        raise typer.Exit(int(Exit.FOUND))


def _last(told: "Settings", partner: str, number: int) -> "Sequence[InboundRecord]":
    from streams.archive.stored import last_records

    return last_records(told, partner, number)


def _cut(file: Path, feed: "PartnerFeed") -> "list[InboundRecord]":
    """The records that the file would become."""
    from streams.intake.refusal import Refusal
    from streams.intake.trying import Came

    try:
        records = feed.format.records(file.read_bytes(), feed.said, feed=feed.name, file=file.name)
        return [Came(number, one.key, one.value, one.headers) for number, one in enumerate(records)]
    except Refusal as refusal:
        fail(f"{file}: {refusal}", Exit.FOUND)


def _sites(told: "Settings", partner: str) -> "Feed | None":
    """The partner's sites in the network of the settings, else in that which ships with its profile; None without both."""
    from streams.intake.admission import Feed
    from streams.intake.profile import network_of
    from streams.network.load import load

    path = told.network or network_of(partner)
    network = None if path is None else load(path)
    if network is None or partner not in network.partners:
        return None
    return Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))


def _show_outcomes(found: "Sequence[Outcome]") -> None:
    table = Table("record", "events", show_lines=True)
    for one in found[:RECORDS_SHOWN]:
        table.add_row(_plain(one.said), _told(one))
    out.print(table)
    refused = sum(one.reason is not None for one in found)
    events = sum(len(one.events) for one in found)
    more = f"; the first {RECORDS_SHOWN} are shown" if len(found) > RECORDS_SHOWN else ""
    out.print(f"{len(found):,} records: {events:,} events, {refused:,} refused{more}")
    for one in [one for one in found[RECORDS_SHOWN:] if one.reason is not None][:RECORDS_SHOWN]:
        err.print(f"{one.reason}: {one.message} ({one.place})", markup=False, soft_wrap=True)


def _told(one: "Outcome") -> str:
    import msgspec

    if one.reason is not None:
        return f"[red]{one.reason}[/]: {_plain(one.message or '')}\n[bold]{_plain(one.place or '')}[/]"
    if not one.events:
        return "[yellow]no event[/]"
    return _plain("\n".join(msgspec.json.format(msgspec.json.encode(event), indent=2).decode() for event in one.events))


def _show_differences(found: "Differences") -> None:
    counts = Table(box=None, show_header=False)
    counts.add_row("records", f"{found.records:,}")
    for kind in ("same", "changed", "newly_refused", "newly_taken", "refused_otherwise"):
        counts.add_row(kind.replace("_", " "), f"{found.counts.get(kind, 0):,}")
    out.print(counts)
    for path, number in found.fields.items():
        out.print(f"{path} would change in {number:,} records", markup=False, soft_wrap=True)
    for one in found.examples:
        out.print(
            f"{one.kind.replace('_', ' ')}: record {one.record + 1}: {one.said[:200]}", markup=False, soft_wrap=True
        )
        for change in one.changes[:RECORDS_SHOWN]:
            line = f"    {change.event} {change.path}: {change.before!r} -> {change.after!r}"
            out.print(line, markup=False, soft_wrap=True)
        for when, why in (("before", one.before), ("after", one.after)):
            if why is not None:
                out.print(f"    {when}: {why}", markup=False, soft_wrap=True)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
