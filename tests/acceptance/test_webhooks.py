"""The short form of `python -m tests.acceptance.webhooks`."""

from pathlib import Path

from tests.acceptance.webhooks import Run
from tests.servers import EmbeddedBroker


def test_everything_answered_2xx_is_in_kafka_though_it_was_away(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    report = Run(embedded, tmp_path, rate=40, clients=10, seconds=12, away=7).run()
    assert report.is_good, report
    assert report.answers["503"] > 0
