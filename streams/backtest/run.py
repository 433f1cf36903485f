"""One backtest: a history, a network and a rulebook in, the judgement out. In memory, in this process."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from alerting.database import reading
from risk_rules import rulebook as rulebooks
from streams.backtest import courses as lived_courses
from streams.backtest import truth
from streams.backtest.courses import Episode
from streams.backtest.history import Step
from streams.backtest.judgements import Said
from streams.backtest.judging import Judgement, Window, judge
from streams.backtest.living import Lived, Progress, live
from streams.backtest.memory import memory
from streams.backtest.outcomes import Outcomes, watched
from streams.network.model import Network


class Question(NamedTuple):
    """What is asked of a history. `begin`, `end`: None takes all of it. `known` is truth from elsewhere (`truth`).

    `said`: what people said of alerts (`judgements`).
    """

    network: Network
    outcomes: Outcomes
    least: str = "warning"
    begin: datetime | None = None
    end: datetime | None = None
    known: Sequence[Episode] = ()
    said: Sequence[Said] = ()


class Tested(NamedTuple):
    """What came of it. `version` is that of the rulebook as it would be live, without the outcomes beside it."""

    version: str
    lived: Lived
    window: Window
    judgement: Judgement


class NoTime(ValueError):
    """The history has no event of which the time can be read, or none in the time that is asked for."""


def backtest(
    history: Iterable[Step], files: Sequence[Path], question: Question, progress: Progress | None = None
) -> Tested:
    """Live through the history with the rulebook in `files` and judge it. Raises `RulebookError` and `NoTime`."""
    version = rulebooks.load(files).version
    rulebook = watched(files, question.outcomes)
    engine = memory()
    try:
        lived = live(history, question.network, rulebook, engine, until=question.end, progress=progress)
        with reading(engine) as connection:
            alerts, happened = lived_courses.courses(connection)
    finally:
        engine.dispose()
    if lived.first is None or lived.last is None:
        raise NoTime("the history has no event whose time can be read: one canonical event a line is wanted")
    window = Window(question.begin or lived.first, question.end or lived.last)
    if window.begin >= window.end or window.begin > lived.last:
        raise NoTime(
            f"the history goes from {lived.first:%Y-%m-%d} to {lived.last:%Y-%m-%d}: nothing of it is asked for"
        )
    episodes = lived_courses.episodes(happened, question.outcomes, lived.last)
    episodes = truth.over(episodes, question.known)
    judged = judge(alerts, episodes, question.outcomes, window, question.least, question.said)
    return Tested(version, lived, window, judged)
