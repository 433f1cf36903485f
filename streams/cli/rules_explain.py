"""`bellwether rules explain`: the present scores of a subject, each with the tree beneath it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from streams.cli.speaking import Exit, clean_errors, fail, out, tell_json

if TYPE_CHECKING:
    from risk_rules.explanations import Change, Explanation

COLOURS = {"critical": "bold red", "warning": "yellow", "watch": "cyan"}
BAR = 20
Row = Mapping[str, Any]


def explain(
    context: typer.Context,
    subject: Annotated[
        str, typer.Argument(help="Kind and key, for example material:BSL/RM-1; or the key alone, or a part of it.")
    ],
    database: Annotated[str | None, typer.Option(help="The database; else from the settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show why a subject has its score: each finding with its factors, what would lower it, and the events it rests on.

    Reads the database; needs no running service, but the rulebook and the network of it (from the settings) for what
    would lower the score, calm the finding or end it. Exit code 1 if nothing is found on the subject.

    Examples:

        bellwether rules explain material:BSL/RM-VEL-KSM

        bellwether rules explain RM-VEL-KSM --json | jq '.verdicts[].factors'
    """
    with clean_errors():
        from alerting.database import connect, reading
        from risk_rules import rulebook as rulebooks
        from streams import schema, settings
        from streams.backtest.explaining import explained, verdicts
        from streams.cli.rulebook_files import resolved
        from streams.network.load import load
        from streams.network.model import EMPTY

        told = settings.load(context.obj, database=database)
        book = rulebooks.load(resolved((), told))
        network = EMPTY if told.network is None else load(told.network)
        engine = connect(told.database_url)
        try:
            with reading(engine) as connection:
                schema.require_latest(connection)
                found = verdicts(connection, subject)
                trees = [explained(connection, row, book, network) for row in found]
        finally:
            engine.dispose()
    if json:
        every = [row | {"explanation": tree} for row, tree in zip(found, trees, strict=True)]
        tell_json({"subject": subject, "verdicts": every})
    else:
        for row, explanation in zip(found, trees, strict=True):
            out.print(tree(row, explanation))
    if not found:
        fail(f"no rule finds anything on {subject!r} now", Exit.FOUND)


def tree(row: Row, explanation: "Explanation | None") -> Tree:
    """One finding as a tree. Without an explanation it says what is stored."""
    colour = COLOURS.get(str(row["severity"]), "")
    subject = escape(f"{row['subject_kind']}:{row['subject_key']}")
    top = Tree(f"[bold]{subject}[/] {row['kind']}: [{colour}]{row['severity']}[/], score {row['score']:.0f} of 100")
    top.add(escape(str(row["summary"])))
    if row["advice"]:
        top.add(escape(f"What to do: {row['advice']}"))
    top.add(_figures(row))
    if row["factors"]:
        _factors(top.add("Why this score"), row["factors"])
    if explanation is None:
        top.add("[yellow]The rulebook or the subject has changed since:[/] what would lower the score is not known")
    else:
        _changes(top, "What would lower it", explanation.lowering)
        _changes(top, "What would make it less urgent", explanation.calming)
        _changes(top, "What would end it", explanation.ending)
    if row["events"]:
        branch = top.add("Rests on these events, the newest first")
        for event in row["events"]:
            branch.add(escape(event))
    top.add(
        f"Rule {escape(row['rule'])} of rulebook {row['rulebook']}, evaluated {row['evaluated_at']:%d %b %Y %H:%M} UTC"
    )
    return top


def _figures(row: Row) -> str:
    parts = [
        None if row["likelihood"] is None else f"likelihood {100 * row['likelihood']:.0f} %",
        None if row["impact_on"] is None else f"impact on {row['impact_on']:%d %b %Y}",
        None if row["quantity"] is None else f"at stake {row['quantity']:,.6g} {row['unit'] or ''}".rstrip(),
        None if row["owner"] is None else f"owner {row['owner']}",
        None if row["opened_at"] is None else f"alert open since {row['opened_at']:%d %b %Y}",
    ]
    return escape(", ".join(part for part in parts if part) or "no further figures")


def _factors(branch: Tree, factors: Sequence[Row]) -> None:
    """Each factor, the greatest share first: points of the score, beside what it would be where nothing is wrong."""
    most = max((abs(factor["share"]) for factor in factors), default=0.0) or 1.0
    for factor in sorted(factors, key=lambda one: -abs(one["share"])):
        bar = "█" * round(BAR * abs(factor["share"]) / most)
        told = (
            f"{factor['share']:+6.1f}  {factor['name']} = {factor['value']} (nothing is wrong at {factor['reference']})"
        )
        branch.add(f"{escape(told)} {bar}")


def _changes(top: Tree, title: str, changes: "Sequence[Change]") -> None:
    if changes:
        branch = top.add(title)
        for change in changes:
            then = "the finding ends" if change.ends else f"score {change.score:.0f}"
            if not change.ends and change.severity is not None:
                then += f", {change.severity.name.lower()}"
            branch.add(escape(f"{change.feature} from {change.now} to {change.to}: {then}"))
