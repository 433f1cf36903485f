"""`bellwether rules …`: write, check, test and backtest rules, and see why a score is what it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from streams.cli import rules_backtest, rules_explain, rules_page, rules_versions
from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from risk_rules.catalogue import Feature

app = typer.Typer(
    help="Rules: what they may speak of, whether they are right, and what they would have said.", no_args_is_help=True
)
app.command("backtest")(rules_backtest.backtest)
app.command("simulate")(rules_backtest.simulate)
app.command("explain")(rules_explain.explain)
app.command("versions")(rules_versions.versions)
app.command("page")(rules_page.page)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Files = Annotated[
    list[str] | None,
    typer.Argument(
        help="Rulebook files, together one rulebook, or the name of one that ships (default). Else the settings'."
    ),
]


@app.callback()
def about() -> None:
    """Rules: what they may speak of, whether they are right, and what they would have said."""


@app.command()
def check(context: typer.Context, files: Files = None, json: Json = False) -> None:
    """Check a rulebook: every fault of every file at once, each with file, line, column and what to do; exit code 1.

    Several files are one rulebook: a later one may use and set the parameters of an earlier one.

    Examples:

        bellwether rules check

        bellwether rules check default ours.yaml

        bellwether rules check ours.yaml --json | jq '.problems[] | .file, .line'
    """
    with clean_errors():
        from risk_rules import rulebook as rulebooks
        from risk_rules.problems import DocumentError
        from streams import settings
        from streams.cli.rulebook_files import resolved

        try:
            paths = resolved(files or (), settings.load(context.obj))
            book = rulebooks.load(paths)
        except DocumentError as error:
            if json:
                tell_json({"version": None, "problems": error.problems})
            else:
                for problem in error.problems:
                    err.print(str(problem), markup=False, soft_wrap=True)
                number = len(error.problems)
                err.print(
                    f"[red]{number} problem{'s' if number > 1 else ''}[/]; nothing of this rulebook would be used"
                )
            raise typer.Exit(int(Exit.FOUND)) from None
    if json:
        files_read = [str(path) for path in paths]
        tell_json({"version": book.version, "files": files_read, "rules": len(book.rules), "problems": []})
    else:
        out.print(f"[green]in order[/]: {len(book.rules)} rules, version {book.version}")


@app.command()
def features(
    kind: Annotated[str | None, typer.Argument(help="Only of this kind of subject, for example material.")] = None,
    json: Json = False,
) -> None:
    """Print what a rule may speak of: each feature with its type, its unit and its meaning, by kind of subject.

    A feature may be unknown; a condition on an unknown feature does not hold.

    Examples:

        bellwether rules features

        bellwether rules features material

        bellwether rules features --json | jq '.shipment[].name'
    """
    from risk_rules.catalogue import FEATURES
    from risk_rules.problems import did_you_mean

    if kind is not None and kind not in FEATURES:
        hint = did_you_mean(kind, FEATURES) or f"known are {', '.join(FEATURES)}"
        fail(f"there is no subject {kind!r}: {hint}", Exit.USAGE)
    chosen = {name: list(of.values()) for name, of in FEATURES.items() if kind in (None, name)}
    if json:
        tell_json({name: [_as_json(feature) for feature in of] for name, of in chosen.items()})
        return
    for name, of in chosen.items():
        table = Table(title=f"\n{name}", title_justify="left", title_style="bold", box=None, header_style="bold")
        for column in ("feature", "type", "unit", "meaning"):
            table.add_column(column, overflow="fold")
        for feature in of:
            table.add_row(feature.name, str(feature.type), feature.unit, feature.meaning)
        out.print(table)


def _as_json(feature: "Feature") -> dict[str, str]:
    return {
        "name": feature.name,
        "type": str(feature.type),
        "unit": feature.unit,
        "meaning": feature.meaning,
    }


@app.command("test")
def run_tests(
    files: Annotated[list[Path], typer.Argument(help="Files of rule tests.")],
    rulebook: Annotated[
        list[str] | None, typer.Option(help="Run them on this rulebook instead of the one that each file names.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the tests of a rulebook: features or events in, expected findings out; exit code 1 if one fails.

    In a difference, lines with - were expected and lines with + were found. docs/rules.md has the format, and
    docs/rule-tests.schema.json its JSON Schema.

    Examples:

        bellwether rules test ours.tests.yaml

        bellwether rules test tests/*.yaml --rulebook new.yaml --json
    """
    with clean_errors():
        from streams.cli.rulebook_files import resolved
        from streams.rule_tests.running import Suite

        instead = resolved(rulebook) if rulebook else ()
        suites = [Suite(path, resolved, instead) for path in files]
        total = sum(len(suite.text.cases) for suite in suites)
        with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
            cases = [(suite, number) for suite in suites for number in range(len(suite.text.cases))]
            outcomes = [suite.run(number) for suite, number in bar.track(cases, description="testing")]
    failed = [one for one in outcomes if not one.passed]
    if json:
        tell_json({"cases": total, "failed": len(failed), "outcomes": outcomes})
    else:
        for one in failed:
            out.print(
                f"[bold red]failed[/] {_plain(f'{one.file}:{one.line}:{one.column}: {one.name}')}", soft_wrap=True
            )
            for line in one.differences:
                out.print(f"    {_coloured(line)}", soft_wrap=True)
        shade = "red" if failed else "green"
        out.print(f"[{shade}]{total - len(failed)} of {total} passed[/]")
    if failed:
        raise typer.Exit(int(Exit.FOUND))


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _coloured(line: str) -> str:
    colour = {"-": "red", "+": "green", "!": "yellow"}.get(line.strip()[:1])
    return f"[{colour}]{_plain(line)}[/]" if colour else _plain(line)
