"""How old the oldest open letter of each partner is: for the metric, looked up now and then."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import Event, Thread

import structlog
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from alerting.database import reading
from streams import metrics
from streams.dead_letters.fates import fates
from streams.dead_letters.letter import letter
from streams.dead_letters.topic import LetterTopic, opened
from streams.settings import EMBEDDED_AT, Settings
from streams.topics import TopicsRefusedError

MEASURE_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


def oldest_open(engine: Engine, topic: LetterTopic) -> datetime | None:
    """When the oldest letter that is still open was refused; None where none is. One record is read for it."""
    with reading(engine) as connection:
        decided = fates(connection, topic.extent.topic_id)
    begin = topic.extent.begin
    while begin in decided:
        begin += 1
    record = next((one for one in topic.records(begin) if one.offset not in decided), None)
    return None if record is None else letter(record).refused_at


def start_measuring(
    settings: Settings, bootstrap: str, engine: Engine, partners: Callable[[], Iterable[str]]
) -> Callable[[], None]:
    """Set the gauge of each partner every minute, until what this gives is called. `bootstrap` is where the broker is.

    In a thread of its own, which nobody waits for: kafka-python may wait for long where the broker is away.
    """
    ended = Event()
    told = settings.model_copy(update={"kafka": EMBEDDED_AT + bootstrap}) if settings.kafka_is_embedded else settings
    Thread(target=_keep_measuring, args=(told, engine, partners, ended), name="dead letters", daemon=True).start()
    return ended.set


def _keep_measuring(settings: Settings, engine: Engine, partners: Callable[[], Iterable[str]], ended: Event) -> None:
    while not ended.wait(MEASURE_EVERY_SECONDS):
        for partner in sorted(partners()):
            try:
                _measure(settings, engine, partner)
            except (TopicsRefusedError, KafkaError, DBAPIError) as away:
                log.warning("the age of dead letters is not known", partner=partner, error=str(away)[:300])


def _measure(settings: Settings, engine: Engine, partner: str) -> None:
    with opened(settings, partner) as topic:
        oldest = oldest_open(engine, topic)
    age = 0.0 if oldest is None else (datetime.now(UTC) - oldest).total_seconds()
    metrics.oldest_letter.labels(partner).set(max(age, 0.0))
