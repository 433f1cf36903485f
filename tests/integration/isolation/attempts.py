"""All that somebody who can log in to Kafka may try on what is not theirs. Each attempt raises where it is refused."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    NewPartitions,
    NewTopic,
)
from kafka.errors import AuthorizationError, KafkaError, UnknownTopicOrPartitionError, for_code
from kafka.structs import OffsetAndMetadata, TopicPartition

from streams.access import Grant, Operation, Resource
from streams.access_admin import ANY_RESOURCE, AccessAdmin

NODE = 1
WAIT_MS = 30_000
Act = Callable[[], object]


class Attempt(NamedTuple):
    """Who tried what on what, and how it ended: `done`, or the name of the refusal."""

    who: str
    what: str
    on: str
    outcome: str

    @property
    def succeeded(self) -> bool:
        return self.outcome == "done"


class HiddenError(Exception):
    """Kafka answered as if the thing did not exist."""


class Login:
    """One user with all of its clients. Use as a context."""

    def __init__(self, bootstrap: str, user: str, client: dict[str, Any]) -> None:
        self.user = user
        self._options = {"bootstrap_servers": bootstrap, **client}
        self._bootstrap, self._client = bootstrap, client
        self._admin: Any = KafkaAdminClient(**self._options)
        self._access = AccessAdmin(bootstrap, client)
        self._producer: Any = KafkaProducer(
            **self._options, enable_idempotence=False, retries=0, max_block_ms=WAIT_MS, request_timeout_ms=WAIT_MS
        )

    def __enter__(self) -> "Login":
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=1)
        self._access.close()
        self._admin.close()

    def attempt(self, what: str, on: str, act: Act) -> Attempt:
        """Try it. What is neither done nor refused in so many words is a fault of the test, and raised."""
        try:
            if fault := next(_faults(act()), None):
                raise fault
        except (AuthorizationError, UnknownTopicOrPartitionError, HiddenError) as refused:
            return Attempt(self.user, what, on, type(refused).__name__)
        except Exception as error:
            cause: BaseException | None = error
            while cause is not None:
                if isinstance(cause, AuthorizationError):
                    return Attempt(self.user, what, on, type(cause).__name__)
                if "needs ALTER permission" in str(cause):  # how the controller refuses to touch users
                    return Attempt(self.user, what, on, "ClusterAuthorizationFailedError")
                cause = cause.__cause__
            raise AssertionError(f"{self.user}: {what} {on} ended with {error!r}") from error
        return Attempt(self.user, what, on, "done")

    # --- topics ---

    def writes(self, topic: str) -> Iterator[tuple[str, Act]]:
        yield "write", lambda: self._producer.send(topic, b"x", partition=0).get(timeout=60)
        yield "write once", lambda: self._write_once(topic, None)

    def in_a_transaction(self, topic: str) -> Iterator[tuple[str, Act]]:
        yield "write in a transaction", lambda: self._write_once(topic, f"{self.user}.tx")

    def reads(self, topic: str) -> Iterator[tuple[str, Act]]:
        place = TopicPartition(topic, 0)
        yield "read", lambda: self._read(place)
        yield "read its offsets", lambda: self._admin.list_partition_offsets({place: -1})
        yield "describe", lambda: self._describe(topic)
        yield "find in the list", lambda: _in(topic, self._admin.list_topics())
        yield "describe the producers of", lambda: self._admin.describe_producers([place], broker_id=NODE)

    def changes(self, topic: str) -> Iterator[tuple[str, Act]]:
        place, whole = TopicPartition(topic, 0), ConfigResource(ConfigResourceType.TOPIC, topic)
        other = ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "3600000"})
        yield "read the configuration of", lambda: self._config_of(whole)
        yield "change the configuration of", lambda: self._admin.alter_configs([other], raise_on_unknown=False)
        yield "add partitions to", lambda: self._admin.create_partitions({topic: NewPartitions(9)})
        yield "delete records of", lambda: self._admin.delete_records({place: 1}, partition_leader_id=NODE)
        yield "move", lambda: self._admin.alter_partition_reassignments({place: [NODE]})
        yield "delete", lambda: self._admin.delete_topics([topic])

    # --- groups ---

    def of_group(self, group: str, topic: str) -> Iterator[tuple[str, Act]]:
        place = TopicPartition(topic, 0)
        offsets = {place: OffsetAndMetadata(0, "", -1)}
        yield "find in the list", lambda: _in(group, [one["group_id"] for one in self._admin.list_groups()])
        yield "describe", lambda: self._admin.describe_groups([group], group_coordinator_id=NODE)
        yield "read the offsets of", lambda: self._admin.list_group_offsets({group: [place]})
        yield "join", lambda: self._join(group, topic)
        yield "set the offsets of", lambda: self._admin.alter_group_offsets(group, offsets, group_coordinator_id=NODE)
        yield (
            "delete the offsets of",
            lambda: self._admin.delete_group_offsets(group, [place], group_coordinator_id=NODE),
        )
        yield "delete", lambda: self._admin.delete_groups([group], group_coordinator_id=NODE)

    # --- the cluster ---

    def of_cluster(self, victim: str) -> Iterator[tuple[str, Act]]:
        mine = Grant(f"User:{self.user}", Operation.READ, Resource.TOPIC, "scrm.events.v1")
        broker = ConfigResource(ConfigResourceType.BROKER, "1", configs={"log.retention.ms": "3600000"})
        # One by its name: asked for all users, Kafka 4.1 fails on its way to a refusal, and answers nothing.
        yield "see users of", lambda: self._seen(victim)
        everything = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, ANY_RESOURCE)
        yield "see the ACLs of", lambda: self._admin.describe_acls(everything)
        yield "allow itself to read canonical events by", lambda: self._access.allow([mine])
        yield "take ACLs away from", lambda: self._access.take_away([mine])
        yield "set the password of another at", lambda: self._access.set_passwords({victim: "of my own choosing"})
        yield "remove a user of", lambda: self._access.remove([victim])
        yield "read the configuration of", lambda: self._config_of(ConfigResource(ConfigResourceType.BROKER, "1"))
        yield "change the configuration of", lambda: self._admin.alter_configs([broker], raise_on_unknown=False)
        yield "see the disks of", lambda: _some([one["log_dirs"] for one in self._admin.describe_log_dirs()])
        for name in (f"{self.user}.of.its.own", f"{victim}.copy", "scrm.copy.v1"):
            yield f"create topic {name} on", lambda name=name: self._admin.create_topics([NewTopic(name, 1, 1)])

    # --- how ---

    def _write_once(self, topic: str, transaction: str | None) -> None:
        options = {
            "retries": 3,
            "max_block_ms": WAIT_MS,
            "request_timeout_ms": WAIT_MS,
            "delivery_timeout_ms": 2 * WAIT_MS,
        }
        more = {} if transaction is None else {"transactional_id": transaction}
        producer: Any = KafkaProducer(**self._options, **options, enable_idempotence=True, **more)
        try:
            if transaction is not None:
                producer.init_transactions()
                producer.begin_transaction()
            producer.send(topic, b"x", partition=0).get(timeout=60)
            if transaction is not None:
                producer.commit_transaction()
        finally:
            with suppress(KafkaError):
                producer.close(timeout=1)

    def _read(self, place: TopicPartition) -> None:
        consumer: Any = KafkaConsumer(**self._options, enable_auto_commit=False)
        try:
            consumer.assign([place])
            consumer.seek(place, 0)
            hidden = place.topic not in consumer.topics()  # then its leader is not told either
            if not _polled(consumer, lambda records: hidden or bool(records)):
                raise HiddenError
        finally:
            consumer.close()

    def _join(self, group: str, topic: str) -> None:
        consumer: Any = KafkaConsumer(**self._options, group_id=group, enable_auto_commit=False)
        try:
            consumer.subscribe([topic])
            _polled(consumer, lambda _: bool(consumer.assignment()))
        finally:
            consumer.close()

    def _describe(self, topic: str) -> None:
        (told,) = self._admin.describe_topics([topic])
        if told["error_code"]:
            raise for_code(told["error_code"])()
        assert isinstance(told["topic_id"], (str, UUID))

    def _config_of(self, resource: ConfigResource) -> None:
        told = self._admin.describe_configs([resource], config_filter="all")
        if not any(value for kind in told.values() for value in kind.values()):
            raise HiddenError

    def _seen(self, user: str) -> None:
        (told,) = self._admin.describe_user_scram_credentials([user]).values()
        if told["error"] is not None:
            raise AuthorizationError(told["error"])


def _polled(consumer: Any, enough: Callable[[Any], bool]) -> Any:
    """What came when it was enough. Raises AssertionError when it never is: neither done nor refused."""
    until = monotonic() + WAIT_MS / 1000
    while not enough(records := consumer.poll(timeout_ms=200)):
        assert monotonic() < until, "the broker gave nothing, and did not say why"
    return records


def _in(name: str, listed: Any) -> None:
    if name not in listed:
        raise HiddenError


def _some(listed: Any) -> None:
    if not any(listed):
        raise HiddenError


def _faults(answer: object) -> Iterator[KafkaError]:
    """The errors that an answer carries instead of being one."""
    if isinstance(answer, dict):
        if code := answer.get("error_code"):
            yield for_code(code)(answer.get("error_message") or "")
        for value in answer.values():
            yield from _faults(value)
    elif isinstance(answer, (list, tuple)):
        for value in answer:
            yield from _faults(value)
    elif isinstance(answer, KafkaError):
        yield answer
    elif isinstance(answer, str) and "uthoriz" in answer:
        yield AuthorizationError(answer)
    elif isinstance(answer, str) and answer.startswith("[Error"):
        yield KafkaError(answer)
    elif isinstance(answer, type) and issubclass(answer, KafkaError) and answer.errno:
        yield answer()
