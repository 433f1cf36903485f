from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from alerting.database import UtcDateTime, connect, reading

seen = Table("seen", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture
def engine(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'a.db'}")
    seen.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_a_time_comes_back_as_the_same_instant_in_utc(engine):
    at = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    with engine.begin() as connection:
        connection.execute(insert(seen).values(id=1, at=at))
        back = connection.execute(select(seen.c.at)).scalar_one()
    assert back == at
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine):
    with pytest.raises(StatementError, match="has no time zone"), engine.begin() as connection:
        connection.execute(insert(seen).values(id=1, at=datetime(2026, 3, 1)))  # noqa: DTZ001 - that is the point


def test_reading_does_not_wait_for_a_writer(engine):
    with engine.begin() as writer:
        writer.execute(insert(seen).values(id=1))
        with reading(engine) as connection:
            assert connection.execute(select(seen.c.id)).all() == []


def test_a_database_of_another_make_is_refused():
    with pytest.raises(ValueError, match="use sqlite:///FILE or postgresql://"):
        connect("mysql://localhost/x")
