"""`bellwether dlq …`: what was refused, and what becomes of it."""

import sys
from typing import Annotated

import typer

from streams.cli import dlq_acting
from streams.cli import dlq_view as view
from streams.cli.alerts import Json
from streams.cli.dlq_options import (
    Before,
    CountedBy,
    Family,
    Mapping,
    Partner,
    Place,
    Since,
    State,
    States,
    WithReason,
)
from streams.cli.speaking import clean_errors, out, tell_json

app = typer.Typer(
    no_args_is_help=True,
    help="Dead letters: records that were refused. Look at them, put them back once the fault is mended, or give them up.",
)


app.command("replay")(dlq_acting.replay)
app.command("discard")(dlq_acting.discard)


@app.command("list")
def list_(
    context: typer.Context,
    partners: Annotated[list[str] | None, typer.Argument(help="Their codes; else all of the network file.")] = None,
    state: State = States.OPEN,
    with_reason: WithReason = None,
    mapping: Mapping = None,
    family: Family = None,
    since: Since = None,
    before: Before = None,
    place: Place = None,
    by: Annotated[CountedBy | None, typer.Option(help="Count the letters by this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Show at most so many, the newest.")] = 50,
    json: Json = False,
) -> None:
    """The letters that are still open, how old the oldest is, and when the broker lets go of it.

    Examples:

        bellwether dlq list --by reason

        bellwether dlq list acme --with-reason unknown_code --place "column 'Werk'"

        bellwether dlq list acme --state all --since 2026-03-01 --json
    """
    with clean_errors():
        from streams.cli.dlq_reading import boxes, choice

        chosen = choice(state, with_reason, mapping, family, since, before, place, None)
        with boxes(context, partners) as some:
            found = [box.read(chosen, limit, by) for box in some]
    if json:
        tell_json({
            "partners": [one.overview for one in found],
            "counts": {one.overview.partner: one.counts for one in found} if by else None,
            "letters": None if by else [
                view.as_json(one.overview.partner, letter, now, fate, whole=False)
                for one in found for letter, now, fate in one.letters
            ],
        })  # fmt: skip
        return
    view.show_overviews([one.overview for one in found])
    out.print()
    if by is not None:
        view.show_counts(by.value, {one.overview.partner: one.counts for one in found})
        return
    rows = [(one.overview.partner, letter, now) for one in found for letter, now, _ in one.letters]
    if rows:
        view.show_letters(rows)
    else:
        out.print("No such letter.")


@app.command()
def show(
    context: typer.Context,
    partner: Partner,
    offset: Annotated[int, typer.Argument(help="The letter's, as `list` tells.")],
    raw: Annotated[bool, typer.Option("--raw", help="The bytes of the value and nothing else.")] = False,
    json: Json = False,
) -> None:
    """One letter: why it was refused and where, what became of it, and the record as it came, bytes and headers.

    Examples:

        bellwether dlq show acme 17

        bellwether dlq show acme 17 --raw > record.bin
    """
    with clean_errors():
        from streams.cli.dlq_reading import boxes

        with boxes(context, [partner]) as (box,):
            letter, state, fate = box.one(offset)
    if raw:
        sys.stdout.buffer.write(letter.value or b"")
    elif json:
        tell_json(view.as_json(partner, letter, state, fate, whole=True))
    else:
        view.show_letter(partner, letter, state, fate)
