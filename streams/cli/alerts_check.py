"""`bellwether alerts check`: whether an alerting file can be used, and what in it is hardly meant."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from alerting.configuration.configuration import Configuration
    from risk_rules.problems import Problem
    from streams.settings import Settings


class Checked(NamedTuple):
    """One file: its version, None when it cannot be used; what is wrong; what is hardly meant; and the gaps of rotas."""

    version: "str | None"
    file: str
    problems: "tuple[Problem, ...]" = ()
    warnings: "tuple[Problem, ...]" = ()
    gaps: tuple[str, ...] = ()


def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Alerting files, each by itself. Else the settings'.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check alerting files: every fault with file, line, column and what to do; exit code 1 when one cannot be used.

    Warns of kinds, products and sites that neither the rulebook nor the network of the settings knows, of names that
    nothing uses, and of hours of the next 90 days in which nobody is on duty.

    Examples:

        bellwether alerts check

        bellwether alerts check new.yaml --json | jq '.files[].problems[] | .file, .line'
    """
    with clean_errors():
        from streams import settings
        from streams.vocabulary import known_of

        told = settings.load(context.obj)
        known = known_of(told)
        checked = [_checked(path, known) for path in files or [alerting_file(told)]]
    if json:
        tell_json({"files": [one._asdict() for one in checked]})
    else:
        for one in checked:
            _show(one)
    if any(one.version is None for one in checked):
        raise typer.Exit(int(Exit.FOUND))


def alerting_file(told: "Settings") -> Path:
    """The alerting file of the settings; without one the command ends."""
    if told.alerting is None:
        fail("which file? Name one, or set BELLWETHER_ALERTING=alerting.yaml", Exit.USAGE)
    return told.alerting


def configuration_of(context: typer.Context, file: Path | None) -> "Configuration":
    """The configuration in a file, or in that of the settings. Raises `DocumentError`."""
    from alerting.configuration.loading import load
    from streams import settings

    return load(file if file is not None else alerting_file(settings.load(context.obj)))


def _checked(path: Path, known: Mapping[str, frozenset[str]]) -> Checked:
    from alerting.configuration.doubts import gaps
    from alerting.configuration.loading import load
    from risk_rules.problems import DocumentError

    try:
        configuration = load(path, known)
    except DocumentError as error:
        return Checked(None, str(path), error.problems)
    found = gaps(configuration, datetime.now(UTC))
    return Checked(configuration.version, str(path), (), configuration.warnings, found)


def _show(one: Checked) -> None:
    for problem in one.problems:
        err.print(str(problem), markup=False, soft_wrap=True)
    for doubt in (*one.warnings, *one.gaps):
        err.print(f"warning: {doubt}", markup=False, soft_wrap=True)
    if one.version is None:
        number = len(one.problems)
        err.print(f"[red]{number} problem{'s' if number > 1 else ''}[/]; nothing of this file would be used")
    else:
        out.print(f"[green]in order[/]: {one.file}, version {one.version}", soft_wrap=True)
