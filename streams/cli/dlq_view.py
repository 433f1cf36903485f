"""Dead letters, for people and for programs."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from streams.cli.speaking import out

if TYPE_CHECKING:
    from streams.dead_letters.choosing import State
    from streams.dead_letters.fates import Fate
    from streams.dead_letters.letter import Letter
    from streams.dead_letters.overview import Overview

SHOWN_BYTES = 2_000


def as_json(partner: str, letter: "Letter", state: "State", fate: "Fate | None", *, whole: bool) -> dict[str, Any]:
    """A letter as JSON; with `whole` also what came: as text where it is UTF-8, else as Base64."""
    told: dict[str, Any] = {
        "partner": partner, "offset": letter.offset, "state": state.value, "refused_at": letter.refused_at,
        "reason": letter.reason, "message": letter.message, "place": letter.place, "mapping": letter.mapping,
        "family": letter.family, "first": {"place": letter.first.place, "at": letter.first.at}, "bytes": letter.bytes,
        "cut_from_bytes": letter.cut_from,
        "fate": None if fate is None else {"at": fate.at, "by": fate.by, "reason": fate.reason},
    }  # fmt: skip
    if whole:
        told |= {"key": _content(letter.key), "value": _content(letter.value)}
        told["headers"] = [[name, _content(content)] for name, content in letter.headers]
    return told


def _content(content: bytes | None) -> dict[str, str] | None:
    if content is None:
        return None
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


def show_letters(letters: Iterable[tuple[str, "Letter", "State"]]) -> None:
    """One line a letter."""
    table = Table("partner", "offset", "refused", "reason", "mapping", "place", "message", "state", box=None)
    for partner, letter, state in letters:
        table.add_row(
            escape(partner), str(letter.offset), f"{letter.refused_at:%Y-%m-%d %H:%M:%S}Z", escape(letter.reason),
            escape(letter.mapping), escape(letter.place), escape(letter.message[:80]), state.value,
        )  # fmt: skip
    out.print(table)


def show_overviews(overviews: Sequence["Overview"]) -> None:
    """One line a partner."""
    table = Table("partner", "open", "replayed", "discarded", "bytes", "oldest open", "kept for", "gone at", box=None)
    for one in overviews:
        age = one.oldest_open_age_seconds
        kept = "as the broker likes" if one.retention_seconds is None else _span(one.retention_seconds)
        table.add_row(
            escape(one.partner), *(f"{n:,}" for n in (one.open, one.replayed, one.discarded, one.bytes)),
            "" if age is None else f"{_span(age)} ago", kept,
            "" if one.gone_at is None else f"{one.gone_at:%Y-%m-%d %H:%M}Z",
        )  # fmt: skip
    out.print(table)


def show_counts(by: str, counts: dict[str, dict[str, int]]) -> None:
    """One line for each partner and what is counted by."""
    table = Table("partner", by, "letters", box=None)
    for partner, found in counts.items():
        for what, number in found.items():
            table.add_row(escape(partner), escape(what), f"{number:,}")
    out.print(table)


def show_letter(partner: str, letter: "Letter", state: "State", fate: "Fate | None") -> None:
    """All of one letter; a long value is cut."""
    table = Table(box=None, show_header=False)
    became = state.value if fate is None else f"{state.value} {fate.at:%Y-%m-%d %H:%M}Z by {fate.by}: {fate.reason}"
    first_at = "" if letter.first.at is None else f", {letter.first.at:%Y-%m-%d %H:%M:%S}Z"
    for name, text in (
        ("partner", partner), ("offset", str(letter.offset)), ("refused", f"{letter.refused_at:%Y-%m-%d %H:%M:%S}Z"),
        ("reason", letter.reason), ("message", letter.message), ("place", letter.place), ("mapping", letter.mapping),
        ("family", letter.family), ("came first", f"{letter.first.place}{first_at}"), ("state", became),
        ("key", _shown(letter.key)), *((f"header {name}", _shown(content)) for name, content in letter.headers),
    ):  # fmt: skip
        table.add_row(f"[bold]{escape(name)}[/]", escape(text))
    out.print(table)
    out.print(escape(_shown(letter.value)), soft_wrap=True)
    if letter.cut_from is not None:
        out.print(f"[yellow]The value had {letter.cut_from:,} bytes; its end is not kept here.[/]")


def _shown(content: bytes | None) -> str:
    if content is None:
        return "(none)"
    text = content[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    return text if len(content) <= SHOWN_BYTES else f"{text} … ({len(content):,} bytes; --raw writes all of them)"


def _span(seconds: float) -> str:
    span = timedelta(seconds=round(seconds))
    return f"{span.days} d" if span.days else str(span)
