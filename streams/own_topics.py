"""The topics that an instance has to do with: there before anything is consumed."""

from collections.abc import Iterable

from streams.settings import Settings
from streams.topics import Fault, TopicAdmin, TopicsRefusedError, compare, wanted


def see_to_topics(settings: Settings, bootstrap: str, partners: Iterable[str], *, make: bool) -> None:
    """Look whether they are there and as they must be; `make` them where they are not. Raises `TopicsRefusedError`.

    `partners`: whose topics this process has to do with. It may see no others, nor how they are configured.
    """
    topics = wanted(partners, partitions=settings.partitions)
    with _admin(settings, bootstrap) as admin:
        if make:
            admin.apply(topics, compare(topics, admin.found(topics)))
        differences = compare(topics, admin.found(topics, config=False))
    if wrong := [str(one) for one in differences if one.fault is not Fault.CONFIG]:
        advice = "run `bellwether topics apply` (with --acls where Kafka has users), then start again"
        raise TopicsRefusedError("\n".join([*wrong, advice]))


def id_of_topic(settings: Settings, bootstrap: str, topic: str) -> str:
    """The broker's UUID of a topic. Blocks."""
    with _admin(settings, bootstrap) as admin:
        return admin.topic_id(topic)


def _admin(settings: Settings, bootstrap: str) -> TopicAdmin:
    return TopicAdmin(bootstrap, settings.kafka_client(), replication_factor=settings.replication_factor)
