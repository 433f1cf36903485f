"""Which alert counts as the first warning of a disruption."""

from datetime import UTC, date, datetime

from streams.demo.summary import AlertSeen, Course, Figures, Summary, Truth, alarms, summarise

BEGAN = datetime(2025, 2, 3, tzinfo=UTC)
FIGURES = Figures(
    events=100, seconds=2.0, rejected={"b": 1, "a": 2}, messages={"sent": 5, "dead": 1}, possible_repeats=1
)
LATE = Truth(
    kind="supplier_late",
    subject="material:BSL/RM-1",
    subjects=frozenset({"material:BSL/RM-1", "material:BSL/DS-1"}),
    began_at=BEGAN,
    true_impact_on=date(2025, 4, 1),
    impact_subject="material:BSL/DS-1",
)


def alert(subject: str, day: int, *, severity: str = "warning", impact_on: date | None = None) -> AlertSeen:
    return AlertSeen(
        subject=subject,
        kind="material_shortage",
        severity=severity,
        opened_at=datetime(2025, 2, day, tzinfo=UTC),
        resolved_at=None,
        impact_on=impact_on,
    )


def course(one: AlertSeen) -> Course:
    return Course(one, None if one.severity == "watch" else one.opened_at)


def seen(*alerts: AlertSeen) -> Summary:
    return summarise(map(course, alerts), [LATE], FIGURES)


def test_the_first_alert_about_it_since_it_began_is_its_warning() -> None:
    (one,) = seen(
        alert("material:BSL/DS-1", 9), alert("material:BSL/RM-1", 5), alert("material:BSL/RM-1", 1)
    ).disruptions
    assert one.first_alert_at == datetime(2025, 2, 5, tzinfo=UTC)


def test_an_alert_about_something_else_is_no_warning_of_it() -> None:
    (one,) = seen(alert("material:VIS/RM-1", 5)).disruptions
    assert one.first_alert_at is None


def test_a_watch_counts_only_for_the_very_subject() -> None:
    (one,) = seen(
        alert("material:BSL/DS-1", 4, severity="watch"), alert("material:BSL/RM-1", 6, severity="watch")
    ).disruptions
    assert one.first_alert_at == datetime(2025, 2, 6, tzinfo=UTC)


def test_an_alert_about_what_it_harmed_counts_from_the_day_on_which_it_was_more_than_a_watch() -> None:
    harmed = Course(alert("material:BSL/DS-1", 4), datetime(2025, 2, 8, tzinfo=UTC))
    (one,) = summarise([harmed], [LATE], FIGURES).disruptions
    assert one.first_alert_at == datetime(2025, 2, 8, tzinfo=UTC)


def test_alarms_that_no_disruption_caused_are_counted_as_such() -> None:
    courses = [
        course(alert("material:BSL/DS-1", 4)),
        course(alert("material:VIS/RM-1", 5)),
        course(alert("material:BSL/RM-1", 1)),
        course(alert("material:BSL/DS-1", 6, severity="watch")),
    ]
    assert alarms(courses, [LATE]) == (3, 1)


def test_the_predicted_day_is_rather_that_of_what_truly_ran_short() -> None:
    (one,) = seen(
        alert("material:BSL/RM-1", 5, impact_on=date(2025, 3, 1)),
        alert("material:BSL/DS-1", 7, impact_on=date(2025, 3, 28)),
    ).disruptions
    assert one.predicted_impact_on == date(2025, 3, 28)


def test_figures_are_summed_up() -> None:
    summary = seen()
    assert summary.events_per_second == 50.0
    assert list(summary.rejected) == ["a", "b"]
    assert (summary.notifications.sent, summary.notifications.repeated, summary.notifications.failed) == (5, 1, 1)
