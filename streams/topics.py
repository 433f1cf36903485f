"""The topics that the service lives on: what they should be, what they are, and how to get from one to the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from enum import StrEnum
from functools import partial
from threading import Thread
from typing import Any, NamedTuple, Self, TypeVar, cast

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import TopicPartition

EVENTS_TOPIC = "scrm.events.v1"
T = TypeVar("T")
DAY_MS = 86_400_000
LATEST = -1  # of the protocol's request for offsets: the one after the last record
ANSWER_WITHIN_MS = 5_000
GIVE_UP_SECONDS = 15.0
"""For one question with all its requests. kafka-python bounds each request, but neither a TLS handshake that the other side
never ends nor the look-up of a name."""

CLOSE_WITHIN_SECONDS = 2.0
MAX_RECORD_BYTES = 1_048_576


class Topic(NamedTuple):
    """A topic as it should be. `config` by Kafka's own names."""

    name: str
    partitions: int
    config: Mapping[str, str]


class Found(NamedTuple):
    """A topic as a broker has it. The embedded broker tells no configuration: `config` is empty then."""

    partitions: int
    config: Mapping[str, str]


class Fault(StrEnum):
    MISSING = "missing"
    PARTITIONS = "partitions"
    CONFIG = "config"


class Difference(NamedTuple):
    """One thing that differs between a topic as it should be and as it is."""

    topic: str
    fault: Fault
    message: str

    def __str__(self) -> str:
        return f"{self.topic} {self.message}"

    @property
    def repairable(self) -> bool:
        """True where `apply` mends it without harm."""
        return self.fault is not Fault.PARTITIONS


class TopicsRefusedError(RuntimeError):
    """Kafka did not let the topics be read or made; the message says which and why."""


def inbound(partner: str) -> str:
    """Where the partner writes, and nobody else."""
    return f"cdmo.{partner}.inbound"


def dead_letters(partner: str) -> str:
    """Where its refused records go."""
    return f"cdmo.{partner}.dlq"


def wanted(partners: Iterable[str], *, partitions: int) -> tuple[Topic, ...]:
    """All topics of a network. What arrives is kept 30 days, dead letters 90, canonical events for ever."""
    common = {"cleanup.policy": "delete", "max.message.bytes": str(MAX_RECORD_BYTES), "compression.type": "producer"}
    topics = [Topic(EVENTS_TOPIC, partitions, {**common, "retention.ms": "-1", "retention.bytes": "-1"})]
    for partner in sorted(partners):
        topics.append(Topic(inbound(partner), 1, {**common, "retention.ms": str(30 * DAY_MS)}))
        # A dead letter is the record as it came plus headers that say why: it must fit where the record did.
        letters = {**common, "retention.ms": str(90 * DAY_MS), "max.message.bytes": str(2 * MAX_RECORD_BYTES)}
        topics.append(Topic(dead_letters(partner), 1, letters))
    return tuple(topics)


def compare(topics: Sequence[Topic], found: Mapping[str, Found]) -> tuple[Difference, ...]:
    """What differs, in the order of the topics."""
    return tuple(difference for topic in topics for difference in _compare_one(topic, found.get(topic.name)))


def _compare_one(topic: Topic, found: Found | None) -> Iterable[Difference]:
    if found is None:
        yield Difference(topic.name, Fault.MISSING, f"does not exist; it needs {topic.partitions} partition(s)")
        return
    if found.partitions != topic.partitions:
        yield Difference(
            topic.name, Fault.PARTITIONS,
            f"has {found.partitions} partition(s), not {topic.partitions}. Keys would move between partitions and the "
            "order within a site would break. Either keep that number in the settings, or give up the topic's data: "
            "stop the service, delete the topic, apply again.",
        )  # fmt: skip
    for name, value in topic.config.items():
        if found.config and found.config.get(name) != value:
            yield Difference(topic.name, Fault.CONFIG, f"{name} is {found.config.get(name)}, not {value}")


class TopicAdmin:
    """The broker's side, by kafka-python. `client` holds its security options. Use as a context.

    Every call ends within `GIVE_UP_SECONDS`, with `TopicsRefusedError` where Kafka has not answered by then.
    """

    def __init__(self, bootstrap: str, client: Mapping[str, Any], *, replication_factor: int = 1) -> None:
        self._replication_factor = replication_factor
        self._connections: Any = None
        options: dict[str, Any] = {
            "bootstrap_timeout_ms": ANSWER_WITHIN_MS,
            "request_timeout_ms": ANSWER_WITHIN_MS,
            "kafka_client": self._connect,
            **client,
        }
        try:
            self._admin: Any = self._ask(
                lambda: KafkaAdminClient(bootstrap_servers=bootstrap.split(","), **options),
                f"Kafka at {bootstrap} does not answer",
            )
        except TopicsRefusedError:
            self.close()
            raise

    def _connect(self, **options: Any) -> Any:
        """A KafkaAdminClient that fails to start leaves its connections and their thread behind: so we keep them."""
        self._connections = KafkaAdminClient.DEFAULT_CONFIG["kafka_client"](**options)
        return self._connections

    def _ask(self, question: Callable[[], T], failure: str) -> T:
        """The answer to a question to Kafka, which is asked in a thread: kafka-python may wait for ever."""
        answer: Future[T] = Future()
        Thread(target=_answer, args=(question, answer), name="a question to Kafka", daemon=True).start()
        try:
            return answer.result(GIVE_UP_SECONDS)
        except KafkaError as error:
            raise TopicsRefusedError(f"{failure}: {error}") from error
        except TimeoutError as error:
            message = (
                f"{failure}: nothing came back in {GIVE_UP_SECONDS:.0f} s. Is it Kafka, and is its security as set?"
            )
            raise TopicsRefusedError(message) from error

    def found(self, topics: Sequence[Topic], *, config: bool = True) -> dict[str, Found]:
        """Those of the topics that exist. Without `config` nothing is asked that takes a right of its own."""
        return self._ask(lambda: self._found(topics, config), "Kafka does not tell about its topics")

    def _found(self, topics: Sequence[Topic], config: bool) -> dict[str, Found]:
        existing = set(cast("list[str]", self._admin.list_topics()))
        names = [topic.name for topic in topics if topic.name in existing]
        if not names:
            return {}
        described = cast("list[dict[str, Any]]", self._admin.describe_topics(names))
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        configs: dict[str, dict[str, Any]] = {}
        if config:
            configs = cast("dict[str, dict[str, Any]]", self._admin.describe_configs(resources).get("topic", {}))
        return {
            one["name"]: Found(len(one["partitions"]), {k: _value(v) for k, v in configs.get(one["name"], {}).items()})
            for one in described
        }

    def end_offsets(self, topic: str) -> dict[tuple[str, int], int]:
        """The offset after the last record, by topic id and partition; nothing for a topic that does not exist."""
        return self._ask(lambda: self._end_offsets(topic), f"Kafka does not tell the end of {topic}")

    def _end_offsets(self, topic: str) -> dict[tuple[str, int], int]:
        if topic not in cast("list[str]", self._admin.list_topics()):
            return {}
        (described,) = cast("list[dict[str, Any]]", self._admin.describe_topics([topic]))
        numbers = [int(partition["partition_index"]) for partition in described["partitions"]]
        latest = {TopicPartition(topic, number): LATEST for number in numbers}
        offsets = cast("dict[Any, Any]", self._admin.list_partition_offsets(latest))
        return {(str(described["topic_id"]), one.partition): int(found.offset) for one, found in offsets.items()}

    def topic_id(self, topic: str) -> str:
        """The UUID that the broker gave the topic: another one once it was deleted and made again."""
        (described,) = self._ask(
            lambda: cast("list[dict[str, Any]]", self._admin.describe_topics([topic])),
            f"Kafka does not tell the id of {topic}",
        )
        if described["error_code"]:
            raise TopicsRefusedError(f"{topic} does not exist: run `bellwether topics apply`")
        return str(described["topic_id"])

    def apply(self, topics: Sequence[Topic], differences: Sequence[Difference]) -> tuple[Difference, ...]:
        """Mend what can be mended; returns what is left. A topic that somebody else made meanwhile is in order."""
        by_name = {topic.name: topic for topic in topics}
        mended = tuple(difference for difference in differences if difference.repairable)
        for fault, name in dict.fromkeys((difference.fault, difference.topic) for difference in mended):
            self._ask(partial(self._mend, fault, by_name[name]), f"{name}: Kafka refused")
        return tuple(difference for difference in differences if not difference.repairable)

    def _mend(self, fault: Fault, topic: Topic) -> None:
        if fault is Fault.MISSING:
            made = NewTopic(topic.name, topic.partitions, self._replication_factor, topic_configs=dict(topic.config))
            with suppress(TopicAlreadyExistsError):
                self._admin.create_topics([made])
        else:
            self._admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=dict(topic.config))]
            )

    def close(self) -> None:
        """End the connections; a network that hangs is not waited for."""
        if self._connections is not None:
            closing = Thread(target=self._connections.close, name="closing of Kafka's connections", daemon=True)
            closing.start()
            closing.join(CLOSE_WITHIN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _answer(question: Callable[[], T], answer: Future[T]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:
        answer.set_exception(error)


def _value(config: Any) -> str:
    return str(cast("dict[str, Any]", config)["value"]) if isinstance(config, dict) else str(config)
