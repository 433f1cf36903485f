"""The short form of `python -m tests.acceptance.deliveries`."""

from tests.acceptance import deliveries


def test_every_message_arrives_though_dispatchers_are_killed_and_receivers_answer_badly(database_url):
    report = deliveries.run(database_url.partition(":")[0], database_url, kills=10, seed=7, say=lambda _: None)
    assert report.is_good, report
    assert sum(report.kills.values()) == 10
    assert report.went_another_way > 0
    assert report.repeats > 0
