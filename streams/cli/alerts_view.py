"""How alerts look on a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from streams.cli.speaking import out

if TYPE_CHECKING:
    from alerting.desk.enquiries import Line, Listed, Story
    from alerting.desk.explaining import Explanation

COLOURS = {"critical": "bold red", "warning": "yellow", "watch": "cyan"}


def show_list(found: "Sequence[Listed]", limit: int) -> None:
    """A table, the worst first."""
    if not found:
        out.print("No alert.")
        return
    table = Table("id", "severity", "state", "since", "where", "what", box=None)
    for one in found:
        colour = COLOURS[one.severity]
        who = f" ({one.person})" if one.person else ""
        held = ", held" if one.held_by else ""
        table.add_row(
            one.id[:8], f"[{colour}]{one.severity}[/]", escape(f"{one.state}{who}{held}"), _at(one.opened_at),
            escape(f"{one.site} ({one.partner})"), escape(one.summary),
        )  # fmt: skip
    out.print(table)
    if len(found) == limit:
        out.print(f"The first {limit}; --limit shows more.", style="dim")


def show_story(found: "Story") -> None:
    """How it stands, then line by line what happened, then the messages."""
    one, colour = found.alert, COLOURS[found.alert.severity]
    out.print(f"[{colour}]{one.severity}[/] {escape(one.kind)}: {escape(one.summary)}")
    out.print(f"Alert {one.id}, {escape(one.subject)} at {escape(one.site)} ({escape(one.partner)})")
    until = "" if one.until is None else f" until {_at(one.until)}"
    who = "" if one.person is None else f" by {escape(one.person)}"
    out.print(f"State: {one.state}{who}{until}; the rules {'still find it' if one.firing else 'no longer find it'}")
    if one.held_by:
        out.print(f"Held back by {escape(one.held_by)}")
    if one.next_action_at is not None:
        out.print(f"Next by itself: {_at(one.next_action_at)}")
    if found.advice:
        out.print(f"Do: {escape(found.advice)}")
    _show_lines("History", found.history)
    _show_lines("Judged", found.judgements)
    if found.messages:
        table = Table("at", "to", "through", "message", "state", box=None, title="Messages", title_justify="left")
        for sent in found.messages:
            result = f"{sent.state}{', perhaps twice' if sent.possible_repeat else ''}"
            table.add_row(
                _at(sent.sent_at or sent.created_at), escape(sent.receiver), escape(sent.contact or ""),
                escape(sent.title), escape(result),
            )  # fmt: skip
        out.print(table)


def show_explanations(found: "Sequence[Explanation]") -> None:
    """Each receiver with the decisions, oldest first."""
    if not found:
        out.print("Nothing was decided about anybody yet: the desk has not taken this alert.")
    for one in found:
        verdict = "[green]told[/]" if one.told else "[yellow]not told[/]"
        out.print(f"[bold]{escape(one.receiver)}[/]: {verdict}")
        for answer in one.answers:
            out.print(f"  {_at(answer.at)}  {escape(answer.occasion)}: {escape(answer.words)}", soft_wrap=True)


def _show_lines(title: str, lines: "Sequence[Line]") -> None:
    if not lines:
        return
    table = Table("at", "by", "what", "why", box=None, title=title, title_justify="left")
    for line in lines:
        table.add_row(_at(line.at), escape(line.actor), escape(line.what), escape(line.reason or _detail(line)))
    out.print(table)


def _detail(line: "Line") -> str:
    return ", ".join(f"{name} {value}" for name, value in line.detail.items() if value not in (None, "", []))


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
