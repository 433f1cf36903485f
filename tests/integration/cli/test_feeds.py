"""`bellwether feeds` on a database that a ledger has filled: for people, and for programs."""

import json
from datetime import UTC, datetime
from pathlib import Path

from alerting.database import connect
from streams import schema
from tests.integration.cli.test_commands import bellwether
from tests.integration.ledger.test_trust import LEARNED, hear, spoken
from tests.oracle.stream import Partition


def test_each_feed_is_told_with_its_rhythm_its_trust_and_its_days(tmp_path: Path, database_url: str) -> None:
    engine = connect(database_url)
    schema.upgrade(engine)
    site = Partition(engine)
    hear(site, spoken(LEARNED))
    hear(site, spoken([28]))
    hear(site, spoken([29], ahead=5))
    engine.dispose()
    ended = bellwether(tmp_path, "feeds", "--json", "--days", "2", database=database_url)
    assert ended.returncode == 0, ended.stderr
    (feed,) = json.loads(ended.stdout)
    assert (feed["partner"], feed["site"], feed["broken"]) == ("acme", "BSL", True)
    assert datetime.fromisoformat(feed["last_event_at"]) == datetime(2026, 2, 3, 20, tzinfo=UTC)
    assert feed["rhythms"] == {"all": 12}
    assert 25 < feed["trust"] < 30
    assert feed["lost"] == {"clock": 100 - feed["trust"]}
    assert [(day["day"], day["trust"]) for day in feed["history"]] == [
        ("2026-02-02", 100), ("2026-02-03", feed["trust"]),
    ]  # fmt: skip
    for_people = bellwether(tmp_path, "feeds", database=database_url)
    assert "BSL" in for_people.stdout
    assert "clock -71" in for_people.stdout.replace("\n", " ")


def test_before_anybody_spoke_there_is_nothing_to_tell(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'bellwether.db'}"
    engine = connect(database)
    schema.upgrade(engine)
    engine.dispose()
    assert json.loads(bellwether(tmp_path, "feeds", "--json", database=database).stdout) == []
    assert "No feed has spoken yet." in bellwether(tmp_path, "feeds", database=database).stdout


def test_a_database_of_an_older_version_is_named_with_what_to_do(tmp_path: Path) -> None:
    ended = bellwether(tmp_path, "feeds", database=f"sqlite:///{tmp_path / 'empty.db'}")
    assert ended.returncode != 0
    assert "bellwether db upgrade" in ended.stderr
