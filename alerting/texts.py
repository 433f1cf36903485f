"""What people read: plain words that fit a phone, and that a buyer can act on.

A message says what, where, when, how sure, why and what to do. Whatever comes from a partner is shown as text: nothing
in it can mention a group, make a link or switch on a format of the chat that it ends in.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alerting.alerts import Alert, Transition
from risk_rules.findings import Finding, Severity, Subject

TITLE_LENGTH = 120
FIELD_LENGTH = 600
FACTORS_SHOWN = 4
LEAST_SHARE = 0.5
"""Points of the score below which a factor is not worth a word."""

# What chats read as markup, beside what looks the same and is read as itself.
_LOOKALIKES = str.maketrans(
    {"<": "‹", ">": "›", "@": "＠", "*": "∗", "`": "ˋ", "~": "∼", "|": "¦", "[": "［", "]": "］", "\\": "＼", "&": "＆"}
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


def message(
    transition: Transition,
    alert: Alert,
    subject: Subject,
    at: datetime,
    finding: Finding | None = None,
    was: Severity | None = None,
) -> Message:
    """The message about a transition at the time `at`. `was` is the severity before a change of it.

    `finding` is what the rules say now; a resolved alert has none.
    """
    if transition is Transition.RESOLVED or finding is None:
        return _resolved(alert, subject, at)
    lines = [_change(transition, alert, was), plain(finding.summary), _where(subject)]
    if finding.impact_on is not None:
        lines.append(f"When: {_day(finding.impact_on)} ({_distance(finding.impact_on, at)})")
    if finding.quantity is not None:
        lines.append(f"At stake: {number(finding.quantity)} {plain(finding.unit or '')}".rstrip())
    lines += [_sureness(finding), _factors(finding)]
    if finding.advice:
        lines.append(f"Do: {plain(finding.advice)}")
    if finding.owner:
        lines.append(f"Owner: {plain(finding.owner)}")
    lines.append(f"Alert {alert.id[:8]}, open since {_instant(alert.opened_at)}")
    title = f"{_WORDS[alert.severity]}: {_words(alert.kind)}, {_name(subject)}"
    return Message(_short(title, TITLE_LENGTH), "\n".join(line for line in lines if line))


def as_possible_repeat(told: Message) -> Message:
    """The same message for a second sending, when nobody knows whether the first one arrived."""
    return Message(
        _short(f"(possible repeat) {told.title}", TITLE_LENGTH),
        f"{told.body}\nPossible repeat: the first sending was not confirmed.",
    )


def plain(text: str) -> str:
    """Text from outside on one line, that a chat can only show."""
    one_line = " ".join(_INVISIBLE.sub("", text).split())
    shown = _EDGE_UNDERSCORE.sub(lambda found: "＿" * len(found.group()), one_line.translate(_LOOKALIKES))
    return _short(shown.replace("://", ": //"), FIELD_LENGTH)


def number(value: float) -> str:
    """Four figures at most, thousands apart: 1,250 and 0.02 and 12.5."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


_WORDS = {Severity.CRITICAL: "CRITICAL", Severity.WARNING: "Warning", Severity.WATCH: "Watch"}


def _resolved(alert: Alert, subject: Subject, at: datetime) -> Message:
    lines = [
        f"It was: {plain(alert.summary)}",
        _where(subject),
        f"Open for {_span(at - alert.opened_at)}, since {_instant(alert.opened_at)}. Nothing to do.",
        f"Alert {alert.id[:8]}",
    ]
    title = f"Resolved: {_words(alert.kind)}, {_name(subject)}"
    return Message(_short(title, TITLE_LENGTH), "\n".join(lines))


def _change(transition: Transition, alert: Alert, was: Severity | None) -> str:
    if was is None or transition is Transition.OPENED:
        return ""
    word = "Worse" if transition is Transition.WORSE else "Better"
    return f"{word}: {was.name.lower()} before, {alert.severity.name.lower()} now."


def _name(subject: Subject) -> str:
    """The thing itself: the last code of the key, as its owner writes it (in a key `~1` is a `/` and `~0` a `~`)."""
    if subject.kind == "feed":
        return f"from {plain(subject.site)}"
    own = subject.key.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return f"{plain(own) or plain(subject.key)} at {plain(subject.site)}"


def _where(subject: Subject) -> str:
    parts = [f"Where: {plain(subject.site)} ({plain(subject.partner)})"]
    if subject.material and subject.kind != "material":
        parts.append(f"material {plain(subject.material)}")
    if subject.product:
        parts.append(f"product {plain(subject.product)}")
    return ", ".join(parts)


def _sureness(finding: Finding) -> str:
    score = f"score {finding.score:.0f} of 100"
    if finding.likelihood is None:
        return f"How sure: {score}"
    return f"How sure: likelihood {finding.likelihood * 100:.0f} %, {score}"


def _factors(finding: Finding) -> str:
    """The factors with the greatest shares, in points of the score."""
    weighty = sorted(finding.factors, key=lambda factor: -abs(factor.share))[:FACTORS_SHOWN]
    told = "; ".join(
        f"{_words(factor.name).lower()} {plain(factor.value)} ({factor.share:+.0f})"
        for factor in weighty
        if abs(factor.share) >= LEAST_SHARE
    )
    return f"Why: {told}" if told else ""


def _words(code: str) -> str:
    return plain(code.replace("_", " ")).capitalize()


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _instant(at: datetime) -> str:
    return f"{_day(at)} {at.astimezone(UTC):%H:%M} UTC"


def _distance(day: date, at: datetime) -> str:
    days = (day - at.astimezone(UTC).date()).days
    if days == 0:
        return "today"
    if abs(days) == 1:
        return "tomorrow" if days > 0 else "yesterday"
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def _span(span: timedelta) -> str:
    hours, days = int(span.total_seconds() // 3600), span.days
    if days >= 2:
        return f"{days} days"
    if hours >= 2:
        return f"{hours} hours"
    return f"{max(int(span.total_seconds() // 60), 0)} minutes"
