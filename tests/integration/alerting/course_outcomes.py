"""What came of a course, counted by what the database says of it."""

from collections import Counter

from sqlalchemy import func, select

from alerting.tables import alert_history, alert_transition, outbox, silence, telling
from tests.integration.alerting.office import Office

WORDS = {
    "waited for quiet hours": (telling.c.because, "%quiet hours until%"),
    "waited for the limit per hour": (telling.c.because, "%within the hour%"),
    "held by a silence": (alert_history.c.reason, "silence of %"),
    "held by a maintenance": (alert_history.c.reason, "maintenance of %"),
    "held by an alert about the cause": (alert_history.c.reason, "%is about the cause%"),
}
"""Parts of what is written down, by what they say."""


def what_happened(office: Office) -> Counter[str]:
    """How often each thing happened that can happen to an alert or a message."""
    counted: Counter[str] = Counter()
    for what, column in (
        ("transition", alert_transition.c.transition), ("history", alert_history.c.action), ("planned", silence.c.kind),
        ("decision", telling.c.outcome), ("occasion", telling.c.occasion), ("message", outbox.c.kind),
    ):  # fmt: skip
        rows = office.rows(select(column.label("name"), func.count().label("n")).group_by(column))
        counted.update({f"{what}: {row['name']}": row["n"] for row in rows})
    for what, (column, words) in WORDS.items():
        (row,) = office.rows(select(func.count().label("n")).where(column.like(words)))
        counted[what] += row["n"]
    return counted
