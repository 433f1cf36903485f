"""A disturbed world, lived through once with two rulebooks side by side, and what truly happened in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from alerting.database import reading
from risk_rules import rulebook as rulebooks
from streams.backtest import courses, history, simulated
from streams.backtest.courses import Course, Episode
from streams.backtest.judging import Window
from streams.backtest.living import live
from streams.backtest.memory import memory
from streams.backtest.outcomes import Outcomes, watched
from streams.demo.run import truths_of
from streams.demo.summary import Truth
from streams.network.load import load
from streams.simulation import NETWORK_FILE
from streams.simulation.disruptions import all_seven

SHORTAGE = "shortage"
"""The outcome of which the world itself knows the truth."""


class Life(NamedTuple):
    """A world after its last day. `courses` are the alerts by the name of their rulebook, both from the same stream.

    `episodes` are what happened: the shortages as the world had them, other outcomes as the ledger's later facts tell
    them. `truths` are the disruptions, each with all that truly fared worse than in the undisturbed twin of the world.
    """

    seed: int
    events: int
    courses: Mapping[str, Sequence[Course]]
    episodes: Sequence[Episode]
    truths: Sequence[Truth]
    window: Window


class Clash(ValueError):
    """Two rulebooks cannot be asked side by side: they share the name of a rule, or a kind of alert on one subject."""


def lived(seed: int, weeks: int, files: Mapping[str, Sequence[Path]], outcomes: Outcomes) -> Life:
    """Live through the world of a seed with the seven disruptions. Raises `Clash` and `RulebookError`.

    Alerts of different kinds know nothing of each other, so one life gives for each rulebook what a life of its own would.
    """
    whose = _rules(files)
    world = simulated.world(seed, weeks, all_seven())
    stream = (value for day in simulated.days(world) for value in day)
    rulebook = watched([path for some in files.values() for path in some], outcomes)
    engine = memory()
    try:
        through = live(history.steps(stream, own_ticks=True), load(NETWORK_FILE), rulebook, engine)
        with reading(engine) as connection:
            alerts, happened = courses.courses(connection)
    finally:
        engine.dispose()
    assert through.first is not None
    assert through.last is not None
    told = [one for one in courses.episodes(happened, outcomes, through.last) if one.outcome != SHORTAGE]
    return Life(
        seed=seed,
        events=through.events,
        courses={name: [one for one in alerts if whose[one.rule] == name] for name in files},
        episodes=[*told, *simulated.shortages(world)],
        truths=truths_of(world),
        window=Window(through.first, through.last),
    )


def _rules(files: Mapping[str, Sequence[Path]]) -> dict[str, str]:
    """By the id of a rule, the name of its rulebook."""
    whose: dict[str, str] = {}
    kinds: dict[tuple[str, str], str] = {}
    for name, paths in files.items():
        for rule in rulebooks.load(paths).rules:
            if whose.setdefault(rule.id, name) != name:
                raise Clash(f"{name} and {whose[rule.id]} both have a rule {rule.id}: rename one")
            other = kinds.setdefault((rule.subject, rule.kind), name)
            if other != name:
                raise Clash(f"{name} and {other} both raise alerts of kind {rule.kind} on a {rule.subject}: rename one")
    return whose
