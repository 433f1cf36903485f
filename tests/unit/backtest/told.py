"""Short ways to say that something was told of, and that something happened."""

from datetime import UTC, datetime, timedelta

from streams.backtest.courses import Course, Episode
from streams.backtest.judging import Window
from streams.backtest.outcomes import Outcomes, OutcomeText

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
OUTCOMES = Outcomes(
    {
        "shortage": OutcomeText(
            subject="material", when="shortage_in_days <= 0", foretold_by=("shortage",), meaning="", lasts_hours=24
        ),
        "lost": OutcomeText(subject="batch", when='status == "rejected"', foretold_by=("in_doubt",), meaning=""),
    }
)


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


WINDOW = Window(day(0), day(100))


def alert(
    opened: float,
    resolved: float | None = None,
    *,
    warned: float | None = None,
    kind: str = "shortage",
    subject: str = "material:BSL/RM-1",
    owner: str = "buyer",
) -> Course:
    """An alert that was watch from `opened`, and a warning from `warned` (at once if not said)."""
    of, _, key = subject.partition(":")
    at = day(opened if warned is None else warned)
    return Course(
        subject_kind=of, subject_key=key, site=key.split("/")[0], kind=kind, rule=f"{kind}-rule", owner=owner,
        opened_at=day(opened), resolved_at=None if resolved is None else day(resolved),
        reached={"watch": day(opened), "warning": at}, impact_on=None, likelihood=None, summary="",
    )  # fmt: skip


def happened(
    began: float, ended: float | None = None, *, outcome: str = "shortage", subject: str = "material:BSL/RM-1"
) -> Episode:
    return Episode(outcome, subject, day(began), None if ended is None else day(ended))
