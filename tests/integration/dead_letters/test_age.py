"""How old the oldest open letter is, and that a stopped feed shows in the metrics."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from alerting.database import reading
from streams import metrics
from streams.dead_letters.letter import letter
from streams.dead_letters.measuring import oldest_open
from streams.dead_letters.topic import opened
from streams.gauges import sample
from streams.intake.gate import IntakeGate
from streams.intake.profile_file import Limits
from streams.intake.rejects import Rejects
from streams.settings import Settings
from tests.integration.dead_letters.office import Office
from tests.servers import EmbeddedBroker


@pytest.fixture
def office(embedded: EmbeddedBroker, sqlite_url: str) -> Iterator[Office]:
    with_letters = Office(embedded, sqlite_url)
    yield with_letters
    with_letters.engine.dispose()


def oldest(office: Office) -> datetime | None:
    with opened(Settings(kafka=f"embedded@{office.broker.bootstrap}"), "acme") as topic:
        return oldest_open(office.engine, topic)


def test_letters_that_are_decided_on_are_old_no_more(office: Office) -> None:
    assert oldest(office) is None
    office.refuse()
    refused_at = [letter(record).refused_at for record in office.lying_in("cdmo.acme.dlq")]
    assert oldest(office) == refused_at[0]
    office.json("dlq", "discard", "acme", "--offset", "0", "--offset", "2", "--reason", "tests of theirs")
    assert oldest(office) == refused_at[1]
    office.json("dlq", "discard", "acme", "--reason", "tests of theirs")
    assert oldest(office) is None


def test_a_stopped_feed_shows_in_the_metrics_until_it_goes_on(office: Office) -> None:
    def shown() -> float | None:
        with reading(office.engine) as connection:
            sample(connection, datetime.now(UTC))
        return metrics.REGISTRY.get_sample_value("bellwether_intake_stopped", {"partner": "acme"})

    gate = IntakeGate(office.engine, limits=lambda partner: Limits(), clock=lambda: datetime.now(UTC))
    gate.stop("acme", Rejects(), "too much")
    assert shown() == 1
    office.bellwether("partner", "resume", "acme", "--reason", "mended")
    assert shown() is None
    office.bellwether("partner", "resume", "acme", "--reason", "mended", code=1)
