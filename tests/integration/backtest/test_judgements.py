"""From somebody's word on an alert of the service to the precision of its rule in a backtest."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

import risk_rules
from alerting.configuration.loading import NOBODY
from alerting.database import reading
from alerting.desk.desk import Desk
from alerting.life.people import Judge, Person
from alerting.tables import alert
from streams.backtest import history, outcomes
from streams.backtest.judgements import Said, judgements
from streams.backtest.judging import Judgement
from streams.backtest.living import live
from streams.backtest.run import Question, backtest
from tests.integration.ledger.saying import counted
from tests.oracle.network import NETWORK
from tests.oracle.stream import DEFAULT_RULES, database

DEFAULT = Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml"
ADA = Person(name="ada", authenticated="cli", zone="Europe/Zurich", source="console")
DAY = 24


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """A material is short of its safety stock twice, and filled up again."""
    stock = ((0, 1000), (10, 1), (20, 1000), (40, 1), (50, 1000), (80, 1000))
    events = [counted(f"{day}", qty=qty, hours=day * DAY) for day, qty in stock]
    path = tmp_path / "past.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    return path


def steps(past: Path) -> Iterator[history.Step]:
    return history.steps(history.lines(past), own_ticks=False, every=timedelta(hours=6))


def judged(past: Path, *said: Said) -> Judgement:
    question = Question(network=NETWORK, outcomes=outcomes.load(), least="watch", said=said)
    return backtest(steps(past), [DEFAULT], question).judgement


def test_a_judged_alert_counts_by_what_was_said_of_it(engine: Engine, past: Path) -> None:
    live(steps(past), NETWORK, DEFAULT_RULES, engine)
    desk, now = Desk(engine, lambda: NOBODY), datetime(2026, 4, 1, tzinfo=UTC)
    while desk.work(now).more:
        pass
    with reading(engine) as connection:
        short = select(alert.c.id).where(alert.c.kind == "below_safety").order_by(alert.c.opened_at)
        first, second = connection.execute(short).scalars()
        assert judgements(connection) == []
    for was_true in (True, False):  # who speaks last is right
        desk.act(first, Judge(was_true, "a wrong count"), ADA, now)
    desk.act(second, Judge(True, "we bought in time"), ADA, now)
    with reading(engine) as connection:
        said = judgements(connection)
    assert [(one.subject, one.was_true, one.reason) for one in said] == [
        ("material:BSL/API-1", False, "a wrong count"), ("material:BSL/API-1", True, "we bought in time"),
    ]  # fmt: skip
    before, after = judged(past), judged(past, *said)
    warnings = [one for one in after.warnings if one.kind == "below_safety"]
    assert [one.said for one in warnings] == said
    assert str(warnings[0].fate) == "not true"
    assert str(warnings[1].fate) in ("came true", "too late")
    rule = warnings[0].rule
    assert (before.by_rule[rule].judged, after.by_rule[rule].judged) == (0, 2)
    assert before.by_rule[rule].precision != after.by_rule[rule].precision == 0.5
