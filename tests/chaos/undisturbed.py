"""The same records lived through in peace: what the intake and the ledger make of them when nobody is killed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Engine

from alerting.configuration import loading
from alerting.database import connect
from alerting.desk.desk import Desk
from risk_rules import rulebook as rulebooks
from streams import schema
from streams.events import decode
from streams.events.control import Tick, Withdrawn
from streams.intake import profile as profiles
from streams.intake.admission import Feed
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network.model import Network
from streams.simulation.world import Day
from streams.topics import EVENTS_TOPIC
from tests.chaos.evidence import Record
from tests.chaos.stack import Stack

RECORDS_A_BATCH = 1000
"""Not as the workers cut them: how a stream is cut may change nothing."""


def taken_in(days: Iterable[Day], network: Network) -> tuple[set[tuple[bytes, bytes]], Counter[tuple[str, bytes]]]:
    """What the intake makes of the days: the canonical records (key, value), and how often which value is refused of whom."""
    known, now = profiles.load_all(()), datetime.now(UTC)
    feeds = {
        partner: Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))
        for partner in network.partners
    }
    accepted: set[tuple[bytes, bytes]] = set()
    refused: Counter[tuple[str, bytes]] = Counter()
    for day in days:
        for sent in day.records:
            record = Record(0, 0, sent.key, sent.value, sent.headers)
            try:
                accepted.update(
                    (one.key, one.value) for one in canonical_records(record, feeds[sent.partner], known, now)
                )
            except Refusal:
                refused[sent.partner, sent.value] += 1
    return accepted, refused


def counted(records: Iterable[Record]) -> tuple[int, int]:
    """How many events of a partition are news and how many repeats. What was withdrawn before it came counts as known."""
    known: set[tuple[str, str, str]] = set()
    news = repeats = 0
    for record in records:
        event = decode(record.value or b"")
        if isinstance(event, Tick):
            continue
        named = event.data.event_id if isinstance(event, Withdrawn) else event.corrects
        if named is not None and named != event.id:
            known.add((event.partnerid, event.source, named))
        identity = (event.partnerid, event.source, event.id)
        news += identity not in known
        repeats += identity in known
        known.add(identity)
    return news, repeats


def ledger(partitions: Sequence[Sequence[Record]], topic_id: str, stack: Stack, url: str) -> Engine:
    """A database in which one ledger a partition has counted the records in order, and the desk has taken what came of it."""
    engine = connect(url)
    schema.upgrade(engine)
    rulebook, alerting = rulebooks.load([stack.rulebook]), loading.load(stack.alerting)
    guides = Guides(lambda: stack.network, lambda: rulebook, Clock.STREAM, reopen_within=lambda: alerting.reopen_within)
    for number, records in enumerate(partitions):
        partition = PartitionLedger(engine, Place(EVENTS_TOPIC, topic_id, number), guides)
        partition.load()
        left = iter(records)
        while batch := list(islice(left, RECORDS_A_BATCH)):
            partition.apply(batch[0].offset, batch, datetime.now(UTC))
    desk = Desk(engine, lambda: alerting)
    while desk.work(datetime.now(UTC)).more:
        pass
    return engine
