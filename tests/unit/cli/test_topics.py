"""What differs between the topics as they should be and as they are."""

from streams.topics import EVENTS_TOPIC, Fault, Found, compare, wanted

TOPICS = wanted(["acme"], partitions=4)
AS_WANTED = {topic.name: Found(topic.partitions, topic.config) for topic in TOPICS}


def test_a_network_has_two_topics_a_partner_and_one_for_all() -> None:
    assert [topic.name for topic in TOPICS] == [EVENTS_TOPIC, "cdmo.acme.inbound", "cdmo.acme.dlq"]


def test_canonical_events_are_kept_for_ever() -> None:
    assert TOPICS[0].config["retention.ms"] == "-1"


def test_topics_as_they_should_be_do_not_differ() -> None:
    assert compare(TOPICS, AS_WANTED) == ()


def test_a_broker_that_tells_no_configuration_is_believed() -> None:
    assert compare(TOPICS, {name: Found(found.partitions, {}) for name, found in AS_WANTED.items()}) == ()


def test_a_missing_topic_can_be_mended() -> None:
    (difference, *_) = compare(TOPICS, {})
    assert (difference.topic, difference.fault, difference.repairable) == (EVENTS_TOPIC, Fault.MISSING, True)


def test_another_number_of_partitions_is_refused_with_the_reason() -> None:
    (difference,) = compare(TOPICS, AS_WANTED | {EVENTS_TOPIC: Found(6, TOPICS[0].config)})
    assert not difference.repairable
    assert "has 6 partition(s), not 4" in str(difference)
    assert "order within a site would break" in str(difference)


def test_another_retention_is_named() -> None:
    (difference,) = compare(TOPICS, AS_WANTED | {EVENTS_TOPIC: Found(4, {**TOPICS[0].config, "retention.ms": "1000"})})
    assert str(difference) == f"{EVENTS_TOPIC} retention.ms is 1000, not -1"
