"""Which version of the rulebook is in force stands in the database, with who changed it, why, and what."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from alerting.database import connect, reading
from risk_rules import rulebook
from risk_rules.rulebook import Rulebook
from streams.rulebooks import history
from streams.rulebooks.following import Followed, NoRulebookError
from streams.rulebooks.store import Change, InForce, Part, in_force, put_in_force, stored
from streams.rulebooks.tables import rulebook_change, rulebook_version
from tests.oracle.stream import database

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
RULES = """rulebook: 1
change: {{by: {by}, reason: {reason}}}
rules:
  - id: large
    subject: lot
    kind: large
    when: qty > {qty}
    severity: warning
    score: 30
    summary: "{{qty}} in one lot"
"""


def lots_over(qty: int, by: str = "Ada", reason: str = "too small") -> Rulebook:
    return rulebook.parse(RULES.format(qty=qty, by=by, reason=reason))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = database(database_url)
    yield engine
    engine.dispose()


def put(engine: Engine, book: Rulebook | None, part: Part = Part.LIVE) -> Change | None:
    with engine.begin() as connection:
        return put_in_force(connection, part, book, "worker-1", AT)


def now_in_force(engine: Engine) -> InForce:
    with reading(engine) as connection:
        return in_force(connection)


def test_a_version_is_kept_with_author_time_reason_and_difference(engine: Engine) -> None:
    put(engine, lots_over(100))
    change = put(engine, lots_over(200, by="Grace", reason="fewer alerts"))
    assert change is not None
    assert (change.author, change.reason, change.before) == ("Grace", "fewer alerts", lots_over(100).version)
    with reading(engine) as connection:
        row = connection.execute(select(rulebook_change).where(rulebook_change.c.number == 2)).one()
    assert (row.at, row.worker, row.ended_at) == (AT, "worker-1", None)
    assert "-    when: qty > 100\n+    when: qty > 200" in row.diff


def test_a_file_that_still_names_the_author_of_the_change_before_names_nobody(engine: Engine) -> None:
    put(engine, lots_over(100))
    change = put(engine, lots_over(200))
    assert change is not None
    assert (change.author, change.reason) == (None, None)


def test_the_same_rules_in_another_layout_change_nothing(engine: Engine) -> None:
    put(engine, lots_over(100))
    assert put(engine, lots_over(100, by="Grace")) is None


def test_an_older_version_can_come_back(engine: Engine) -> None:
    for qty in (100, 200, 100):
        put(engine, lots_over(qty))
    assert now_in_force(engine).live == lots_over(100).version
    with reading(engine) as connection:
        assert len(connection.execute(select(rulebook_version)).all()) == 2
        assert stored(connection, lots_over(200).version).version == lots_over(200).version


def test_the_shadow_comes_and_goes_beside_the_live_version(engine: Engine) -> None:
    put(engine, lots_over(100))
    put(engine, lots_over(200), Part.SHADOW)
    assert now_in_force(engine) == (lots_over(100).version, lots_over(200).version)
    put(engine, None, Part.SHADOW)
    assert now_in_force(engine) == (lots_over(100).version, None)


def test_workers_that_change_it_at_once_leave_one_version_in_force(engine: Engine, database_url: str) -> None:
    engines = [engine, connect(database_url), connect(database_url)]

    def change(number: int) -> None:
        put(engines[number % 3], lots_over(100 + number % 7))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(change, range(21)))
    with reading(engine) as connection:
        rows = connection.execute(select(rulebook_change).order_by(rulebook_change.c.number)).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.before for row in rows[1:]] == [row.version for row in rows[:-1]]
    assert [row.ended_at is None for row in rows] == [False] * (len(rows) - 1) + [True]
    for other in engines[1:]:
        other.dispose()


def test_the_database_itself_allows_one_live_version(engine: Engine) -> None:
    put(engine, lots_over(100))
    with reading(engine) as connection:
        row = connection.execute(select(rulebook_change)).mappings().one()
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(rulebook_change.insert().values(**{**row, "number": 2}))


def test_a_ledger_sees_a_change_at_its_next_look_and_compiles_each_version_once(engine: Engine) -> None:
    put(engine, lots_over(100))
    followed = Followed(engine)
    first = followed.live()
    assert followed.live() is first
    assert followed.shadow() is None
    put(engine, lots_over(200))
    put(engine, lots_over(100), Part.SHADOW)
    assert followed.live().version == lots_over(200).version
    assert followed.shadow() is first


def test_without_any_version_it_is_said_what_to_do(engine: Engine) -> None:
    with pytest.raises(NoRulebookError, match="start a worker with the role ledger"):
        Followed(engine).live()


def test_the_history_is_told_newest_first(engine: Engine) -> None:
    for qty in (100, 200, 300):
        put(engine, lots_over(qty, by=f"author of {qty}"))
    with reading(engine) as connection:
        told = history.changes(connection, most=2)
    assert [(one.version, one.author) for one in told] == [
        (lots_over(300).version, "author of 300"),
        (lots_over(200).version, "author of 200"),
    ]
    assert told[0].ended_at is None
    assert told[1].ended_at == AT
