"""`bellwether audit …`: is the trail whole, and what does it say."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from streams.cli import audit_keys, audit_view
from streams.cli.speaking import Exit, clean_errors, err, fail, tell_json

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from alerting.audit.verification import Verified
    from streams.settings import Settings

app = typer.Typer(help="The audit trail: who did what, when and why.", no_args_is_help=True)
app.add_typer(audit_keys.app, name="key")


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


@app.callback()
def about() -> None:
    """The audit trail: who did what, when and why."""


@app.command()
def verify(
    context: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(help="The checkpoints' file or folder, or a copy; may be given again. Else from the settings."),
    ] = None,
    public_key: Annotated[
        list[Path] | None, typer.Option(help="A public key to trust besides those of the settings; may be given again.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="Hash of a checkpoint, as noted elsewhere: it must be there.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check every entry and every checkpoint; exit code 1 when anything is not what was written.

    Of each chain the first bad entry is named. Safe beside a running service.

    Examples:

        bellwether audit verify

        bellwether audit verify --checkpoints /mnt/safe/checkpoints.jsonl --public-key audit.pem.pub --json
    """
    with clean_errors(), _opened(context) as (told, engine):
        stores = tuple(checkpoints or (() if told.audit_checkpoints is None else (told.audit_checkpoints,)))
        if witness and not stores:
            fail("--witness needs the checkpoints that it should be among: --checkpoints", Exit.USAGE)
        found = _verified(told, engine, stores, tuple(public_key or ()), tuple(witness or ()))
    if json:
        tell_json(audit_view.as_json(found))
    else:
        audit_view.show(found)
    if any(one.faults for one in found):
        raise typer.Exit(int(Exit.FOUND))


def _verified(
    told: "Settings",
    engine: "Engine",
    stores: tuple[Path, ...],
    more_keys: tuple[Path, ...],
    witnesses: tuple[str, ...],
) -> list["Verified"]:
    """One finding for each place of checkpoints; a single one where there is none."""
    from alerting.audit.chain import chains, read_end
    from alerting.audit.checkpoint_store import store_at
    from alerting.audit.guards import missing_guards
    from alerting.audit.stored import pages
    from alerting.audit.verification import Verification
    from alerting.database import reading
    from streams.checkpoints import public_keys

    keys = public_keys(told, *more_keys)
    found: list[Verified] = []
    with reading(engine) as connection:
        ends = {chain: read_end(connection, chain).sequence for chain in chains(connection)}
        guards = list(missing_guards(connection))
    for path in stores or (None,):
        with _progress(sum(ends.values()), "verified") as tell:
            verification = Verification(ends, pages(engine), keys, tell)
            verification.found.faults += guards
            if path is None:
                verification.found.notes.append("no checkpoints are set up: a cut end or a full rewrite goes unseen")
            else:
                verification.follow(store_at(path), witnesses)
            found.append(verification.finish())
    return found


@app.command()
def export(
    context: typer.Context,
    since: Annotated[datetime | None, typer.Option("--from", help="From this time on, in UTC.")] = None,
    before: Annotated[datetime | None, typer.Option("--to", help="Until before this time, in UTC.")] = None,
    chain: Annotated[list[str] | None, typer.Option(help="Only this chain; may be given again.")] = None,
    form: Annotated[Format, typer.Option("--format", help="jsonl is exact; csv is for spreadsheets.")] = Format.JSONL,
    to_file: Annotated[Path | None, typer.Option("--output", "-o", help="A file; else standard output.")] = None,
) -> None:
    """Write out entries, chain by chain, in their order.

    Examples:

        bellwether audit export --format csv -o trail.csv

        bellwether audit export --from 2026-10-01 --to 2026-11-01 --chain desk
    """
    from alerting.audit.stored import UnreadableError

    with clean_errors(), _opened(context) as (_, engine):
        try:
            _write(engine, tuple(chain or ()), _in_utc(since), _in_utc(before), form, to_file)
        except UnreadableError as error:
            fail(f"entry {error.sequence} cannot be read: {error}; see `bellwether audit verify`", Exit.FOUND)
        except OSError as error:
            fail(f"{to_file or 'standard output'}: {error.strerror}", Exit.USAGE)


def _write(
    engine: "Engine", wanted: tuple[str, ...], since: datetime | None, before: datetime | None, form: Format,
    to_file: Path | None,
) -> None:  # fmt: skip
    from alerting.audit.chain import chains, read_end
    from alerting.audit.export import COLUMNS, csv_line, entries, json_line
    from alerting.audit.stored import pages
    from alerting.database import reading

    with reading(engine) as connection:
        there = {name: read_end(connection, name).sequence for name in chains(connection)}
    if unknown := [name for name in wanted if name not in there]:
        fail(f"there is no chain {unknown[0]}; there are: {', '.join(there) or 'none'}", Exit.USAGE)
    names = wanted or tuple(there)
    with _progress(sum(there[name] for name in names), "read") as tell:
        rows = entries(names, _counted(pages(engine), tell), since, before)
        lines = (
            (csv_line(row[name] for name in COLUMNS) for row in rows) if form is Format.CSV else map(json_line, rows)
        )
        with nullcontext(sys.stdout.buffer) if to_file is None else to_file.open("wb") as sink:
            if form is Format.CSV:
                sink.write(csv_line(COLUMNS))
            sink.writelines(lines)


def _counted(page: Callable[..., Any], tell: Callable[[int], None]) -> Callable[..., Any]:
    def counting(chain: str, after: int | None) -> Any:
        rows = page(chain, after)
        tell(len(rows))
        return rows

    return counting


def _in_utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


@contextmanager
def _opened(context: typer.Context) -> Generator[tuple["Settings", "Engine"]]:
    from alerting.database import connect, reading
    from streams import schema, settings

    told = settings.load(context.obj)
    engine = connect(told.database_url)
    try:
        with reading(engine) as connection:
            schema.require_latest(connection)
        yield told, engine
    finally:
        engine.dispose()


@contextmanager
def _progress(total: int, verb: str) -> Generator[Callable[[int], None]]:
    """A bar on standard error, for people only."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"{verb} entries", total=total)
        yield lambda n: bar.advance(task, n)
