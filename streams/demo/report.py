"""The end of the demo, for people: figures, each disruption beside its warning, three messages, what to try next."""

from collections.abc import Sequence
from datetime import date, datetime

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.demo.evidence import Told
from streams.demo.summary import Alarms, DisruptionSeen, Summary, alerts_by_kind

NEXT = """What to try next:
  bellwether demo --seed 7        another world, with other disruptions
  bellwether demo --keep          leave the service running, with its metrics
  bellwether demo --json | jq .disruptions
  bellwether --help               your own Kafka and PostgreSQL: see README.md"""


def report(console: Console, summary: Summary, alarms: Alarms, told: Sequence[Told]) -> None:
    """Print all of it."""
    console.print(
        f"\n[bold]{summary.events:,} events[/] at {summary.events_per_second:,.0f}/s, {_rejects(summary)}, "
        f"{summary.notifications.sent} messages sent, {summary.notifications.repeated} marked as possible repeat, "
        f"{summary.notifications.failed} failed",
        soft_wrap=True,
    )
    console.print(_feeds(summary))
    console.print(_alerts(summary))
    console.print(f"Warnings and worse: {alarms.urgent}, of which caused by a disruption: {alarms.caused}")
    console.print(_disruptions(summary))
    for message in told:
        console.print(Panel(Text(message.body), title=Text(message.title), title_align="left", expand=False))
    console.print(NEXT, markup=False, soft_wrap=True)


def _rejects(summary: Summary) -> str:
    total = sum(summary.rejected.values())
    if not total:
        return "none refused"
    return f"{total} refused ({', '.join(f'{number} {reason}' for reason, number in summary.rejected.items())})"


def _feeds(summary: Summary) -> Table:
    table = Table(title="Feeds by partner", title_justify="left", box=None, header_style="bold")
    for column in ("partner", "format and way"):
        table.add_column(column)
    for column in ("records", "accepted", "rejected", "letters"):
        table.add_column(column, justify="right")
    for one in summary.feeds:
        figures = (one.records, one.accepted, one.rejected, one.letters)
        table.add_row(one.partner, ", ".join(one.formats), *(f"{figure:,}" for figure in figures))
    return table


def _alerts(summary: Summary) -> Table:
    table = Table(title="Alerts by kind", title_justify="left", box=None, header_style="bold")
    table.add_column("kind")
    for severity in ("critical", "warning", "watch"):
        table.add_column(severity, justify="right")
    for kind, counted in alerts_by_kind(summary).items():
        table.add_row(kind, *(str(counted[severity] or "") for severity in ("critical", "warning", "watch")))
    return table


def _disruptions(summary: Summary) -> Table:
    table = Table(title="\nWhat went wrong, and when it was told", title_justify="left", box=None, header_style="bold")
    for column in ("disruption", "subject", "began", "first alert", "foretold impact", "true impact", "warned"):
        table.add_column(column)
    for one in summary.disruptions:
        table.add_row(
            one.kind, one.subject, _day(one.began_at), _day(one.first_alert_at), _day(one.predicted_impact_on),
            _day(one.true_impact_on), _ahead(one),
        )  # fmt: skip
    return table


def _day(at: datetime | date | None) -> str:
    return "-" if at is None else f"{at:%d %b %Y}"


def _ahead(one: DisruptionSeen) -> str:
    if one.first_alert_at is None:
        return "[red]never[/]"
    if one.true_impact_on is None:
        return f"{(one.first_alert_at - one.began_at).days} days after it began"
    days = (one.true_impact_on - one.first_alert_at.date()).days
    return f"[green]{days} days before[/]" if days > 0 else f"[red]{-days} days late[/]"
