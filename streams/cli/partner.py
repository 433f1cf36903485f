"""`bellwether partner`: the profiles that say how partners' feeds are read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli import intake_gate
from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risk_rules.problems import Problem
    from streams.intake.profile import PartnerFeed, Profile
    from streams.settings import Settings

app = typer.Typer(help="Partners' profiles: how their feeds are read.", no_args_is_help=True)
app.command("resume")(intake_gate.resume)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The partner's code, as in the network and in its topic.")],
    form: Annotated[str, typer.Option("--format", help="csv, xlsx, json, or another format of feeds.")],
    sample: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, readable=True, help="A file, as the partner sends it.")
    ],
    to: Annotated[Path | None, typer.Option(help="Where the profile is written; else NAME.yaml here.")] = None,
) -> None:
    """Write a first profile for a partner, with guesses from a sample of its data.

    Nothing is in force by that. Correct the guesses, then check and try the profile before it goes into a folder of
    BELLWETHER_PROFILES.

    Examples:

        bellwether partner new acme --format csv --sample deliveries_2026-01.csv

        bellwether partner new acme --format json --sample stock.json --to profiles/acme.yaml
    """
    from streams.intake.first_profile import draft
    from streams.intake.formats import FORMATS
    from streams.intake.refusal import Refusal

    if form not in FORMATS:
        fail(f"there is no format {form!r}; known are {', '.join(FORMATS)}", Exit.USAGE)
    target = to if to is not None else Path(f"{name}.yaml")
    if target.exists():
        fail(f"{target} exists already: it stays as it is; name another file with --to", Exit.USAGE)
    try:
        text = draft(name, form, sample.read_bytes(), sample.name)
    except Refusal as refusal:
        fail(f"{sample}: {refusal}", Exit.FOUND)
    target.write_text(text, encoding="utf-8")
    out.print(f"[green]written[/]: {target}; next: bellwether partner check {target}", soft_wrap=True)


@app.command("check")
def check(
    context: typer.Context,
    which: Annotated[
        list[str] | None, typer.Argument(help="Files, or codes of partners. Else all that the service would load.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check profiles: every fault with file, line, column and what to do; exit code 1 when one cannot be used.

    Of what can be used it tells what would be read, and how.

    Examples:

        bellwether partner check

        bellwether partner check acme.yaml --json | jq '.files[].problems[]'
    """
    with clean_errors():
        from streams import settings

        checked = [_checked(path) for path in _files(which, settings.load(context.obj))]
    if json:
        tell_json({"files": [_told(path, profile, problems) for path, profile, problems in checked]})
    else:
        for path, profile, problems in checked:
            _show(path, profile, problems)
    if any(problems for _, _, problems in checked):
        raise typer.Exit(int(Exit.FOUND))


Checked = tuple[Path, "Profile | None", "tuple[Problem, ...]"]
"""A file, the profile in it if it can be used, and what is wrong."""


def _files(which: list[str] | None, told: "Settings") -> list[Path]:
    from streams.intake.profile import files_in

    known = files_in(told.profiles)
    if not which:
        return known
    found: list[Path] = []
    for one in which:
        if Path(one).is_file():
            found.append(Path(one))
            continue
        of_partner = [path for path in known if _partner_in(path) == one]
        if not of_partner:
            fail(f"{one!r} is no file and no partner with a profile", Exit.USAGE)
        found.append(of_partner[-1])
    return found


def _partner_in(path: Path) -> str | None:
    """The partner that a file is of, also where something else in it is wrong."""
    from risk_rules.documents import Document
    from risk_rules.problems import DocumentError

    try:
        value = Document.load(path).value
    except DocumentError:
        return None
    return str(value.get("partner")) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _checked(path: Path) -> Checked:
    from risk_rules.problems import DocumentError
    from streams.intake.profile import load

    try:
        return path, load(path), ()
    except DocumentError as error:
        return path, None, error.problems


def _told(path: Path, profile: "Profile | None", problems: "tuple[Problem, ...]") -> dict[str, object]:
    feeds: Mapping[str, PartnerFeed] = {} if profile is None else profile.feeds
    return {
        "file": str(path),
        "partner": None if profile is None else profile.partner,
        "problems": list(problems),
        "feeds": {
            name: {
                "format": feed.format.name,
                "transport": feed.said.transport,
                "files": feed.said.files,
                "zone": feed.said.zone,
                "media_types": feed.format.media_types,
                "version": feed.version,
            }
            for name, feed in feeds.items()
        },
    }


def _show(path: Path, profile: "Profile | None", problems: "tuple[Problem, ...]") -> None:
    for problem in problems:
        err.print(str(problem), markup=False, soft_wrap=True)
    if profile is None:
        number = len(problems)
        err.print(f"[red]{number} problem{'s' if number != 1 else ''}[/]; nothing of {path} would be used")
        return
    out.print(f"[green]in order[/]: {path}, partner {profile.partner}", soft_wrap=True)
    for name, feed in profile.feeds.items():
        where = f"files {feed.said.files}" if feed.said.transport == "files" else feed.said.transport
        content = f"content-type: {feed.format.media_types[0]}; feed={name}"
        out.print(
            f"  {name}: {feed.format.name} by {where}, {feed.said.zone}, {content}, {feed.mapping}", soft_wrap=True
        )
