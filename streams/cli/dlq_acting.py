"""`bellwether dlq replay` and `discard`: what people do with dead letters. Kept in the database and in the audit trail."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer
from rich.progress import Progress

from streams.cli.acting import acting_person
from streams.cli.alerts import By, Json, Reason
from streams.cli.dlq_options import (
    Before,
    DryRun,
    Family,
    Mapping,
    Offset,
    Partner,
    Place,
    Since,
    States,
    WithReason,
)
from streams.cli.speaking import clean_errors, err, tell_json

if TYPE_CHECKING:
    from streams.cli.dlq_reading import Box
    from streams.dead_letters.fates import Decision
    from streams.dead_letters.replay import Plan


def replay(
    context: typer.Context,
    partner: Partner,
    reason: Reason,
    offset: Offset = None,
    with_reason: WithReason = None,
    mapping: Mapping = None,
    family: Family = None,
    since: Since = None,
    before: Before = None,
    place: Place = None,
    beyond_memory: Annotated[
        bool, typer.Option("--beyond-memory", help="Also letters so old that a repeat is not known as one any more.")
    ] = False,
    dry_run: DryRun = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Put open letters back on the partner's topic, as they came and in the order in which they came; each once.

    Mend the fault first: what is still refused comes back as a new letter. Killed half-way: run it again, it goes on.

    Examples:

        bellwether dlq replay acme --with-reason unknown_code --reason "Genf is in the table of sites now" --dry-run

        bellwether dlq replay acme --reason "the map is mended"
    """
    with clean_errors():
        from streams.cli.dlq_reading import boxes, choice
        from streams.dead_letters import fates
        from streams.dead_letters.replay import plan, put_back, putting

        chosen = choice(States.OPEN, with_reason, mapping, family, since, before, place, offset)
        decision = fates.Decision(fates.REPLAYED, acting_person(by), reason, uuid4().hex)
        with boxes(context, [partner]) as (box,), box.opened() as topic:
            letters = (letter for letter, _, _ in box.chosen(topic, chosen))
            planned = plan(letters, datetime.now(UTC), beyond_memory=beyond_memory)
            many = 0
            if planned.wanted and not dry_run:
                with putting(box.settings, partner) as put, _bar("putting back", len(planned.wanted)) as done:
                    many = put_back(box.engine, topic, partner, planned.wanted, decision, put, done)
    if json:
        kept = {"wanted": len(planned.wanted), "replayed": many, "cut": planned.cut, "too_old": planned.too_old}
        tell_json({"partner": partner, "run": decision.run, **kept})
    else:
        err.print(
            f"{len(planned.wanted):,} letters would be put back" if dry_run else f"{many:,} letters were put back"
        )
        _tell_left(planned)


def _tell_left(planned: "Plan") -> None:
    if planned.cut:
        err.print(f"[yellow]{len(planned.cut):,} were too large to be kept whole and cannot be[/]")
    if planned.too_old:
        err.print(
            f"[yellow]{len(planned.too_old):,} are so old that what the partner has sent again since might count twice: "
            "see --beyond-memory[/]"
        )


def discard(
    context: typer.Context,
    partner: Partner,
    reason: Reason,
    offset: Offset = None,
    with_reason: WithReason = None,
    mapping: Mapping = None,
    family: Family = None,
    since: Since = None,
    before: Before = None,
    place: Place = None,
    dry_run: DryRun = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Give open letters up: `list` and `replay` pass them over. They lie on the broker until it lets go of them.

    Example:

        bellwether dlq discard acme --with-reason bad_json --before 2026-03-01 --reason "test records of theirs"
    """
    with clean_errors():
        from streams.cli.dlq_reading import boxes, choice
        from streams.dead_letters import fates

        chosen = choice(States.OPEN, with_reason, mapping, family, since, before, place, offset)
        with boxes(context, [partner]) as (box,), box.opened() as topic:
            offsets = [letter.offset for letter, _, _ in box.chosen(topic, chosen)]
            decision = fates.Decision(fates.DISCARDED, acting_person(by), reason, uuid4().hex)
            given_up = 0 if dry_run else _give_up(box, topic.extent.topic_id, offsets, decision)
    if json:
        tell_json({"partner": partner, "run": decision.run, "wanted": len(offsets), "discarded": given_up})
    elif dry_run:
        err.print(f"{len(offsets):,} letters would be discarded")
    else:
        err.print(f"{given_up:,} letters were discarded")


def _give_up(box: "Box", topic_id: str, offsets: list[int], decision: "Decision") -> int:
    from streams.dead_letters.fates import decide

    many, at_a_time = 0, 1_000
    with _bar("discarding", len(offsets)) as done:
        for begin in range(0, len(offsets), at_a_time):
            some = offsets[begin : begin + at_a_time]
            with box.engine.begin() as connection:
                many += len(decide(connection, box.partner, topic_id, some, decision, datetime.now(UTC)))
            done(len(some))
    return many


@contextmanager
def _bar(verb: str, total: int) -> Generator[Callable[[int], None]]:
    """A bar on standard error, for people only."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        yield partial(bar.advance, bar.add_task(verb, total=total))
