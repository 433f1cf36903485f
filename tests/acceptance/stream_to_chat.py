"""The processes between a stream and its receivers, to be killed: a worker with a ledger, and dispatchers with a desk.

The stream is made up, the same for each run: the stock of each lot falls below what calls for a warning, then below what
is critical, and is filled up again. So what people must hear is known without asking the service.
"""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine, func, select

from alerting.configuration.loading import parse
from alerting.database import connect, reading
from alerting.delivery.dispatch import Dispatcher
from alerting.delivery.outbox import WAITING
from alerting.delivery.pace import Pace
from alerting.desk.desk import Desk
from alerting.desk.rounds import Rounds
from alerting.tables import alert_news, outbox
from risk_rules import rulebook
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network import load as network_file
from tests.acceptance.bad_receivers import NAMES, SITES, alerting_file, environment
from tests.oracle.stream import Record

NETWORK = Path(__file__).parents[1] / "benchmarks" / "small_network.yaml"
PARTNERS = ("acme", "brightwell", "cordis")
PLACE = Place("scrm.events.v1", "kills", 0)
RULES = """
rulebook: 1
rules:
  - {id: little-left, subject: lot, kind: little_left, when: qty < 10, score: 50, summary: little is left,
     severity: "qty < 5 ? critical : warning"}
"""

COURSE = ((8.0, "opened"), (3.0, "worse"), (50.0, "resolved"))
"""The stock of a lot, and what becomes of its alert with it."""

ABREAST = 90
"""Lots that go through their course side by side, so that a message can arrive before the next thing happens."""

RECORDS_A_BATCH = 4
KEPT_WAITING = 150
"""Messages that wait, at which the worker makes a pause."""

PACE = Pace(
    send_seconds=1.5, lease_seconds=6, poll_seconds=0.05, first_wait_seconds=0.02, longest_wait_seconds=0.4,
    stop_seconds=1, attempts_before_fallback=4, most_attempts=100_000, tidy_seconds=0.5,
)  # fmt: skip

Happening = tuple[str, str]
"""A lot's key, and a transition of its alert."""


def happening(offset: int) -> Happening:
    """What the record at an offset brings about."""
    lot, (_, transition) = _lot_at(offset)
    return f"{SITES[lot % len(SITES)]}/RM-1/L-{lot}", transition


def receiver_of(lot: str) -> str:
    """Who is to hear of a lot."""
    return NAMES[SITES.index(lot.partition("/")[0])]


def record(offset: int) -> Record:
    """The report of a lot's stock at an offset of the stream."""
    lot, (qty, _) = _lot_at(offset)
    now = datetime.now(UTC)
    event = {
        "specversion": "1.0", "id": f"e-{offset}", "source": "erp", "type": "cdmo.raw_material.stock_reported",
        "time": now.isoformat(), "partnerid": PARTNERS[lot % len(SITES)], "siteid": SITES[lot % len(SITES)],
        "sequence": str(offset + 1),
        "data": {"material_code": "RM-1", "internal_lot": f"L-{lot}", "qty_on_hand": qty, "uom": "KGM",
                 "status": "released"},
    }  # fmt: skip
    return Record(offset, json.dumps(event).encode(), int(now.timestamp() * 1000))


def _lot_at(offset: int) -> tuple[int, tuple[float, str]]:
    turn, place = divmod(offset, ABREAST * len(COURSE))
    step, lot = divmod(place, ABREAST)
    return turn * ABREAST + lot, COURSE[step]


def waiting(engine: Engine) -> int:
    """How many messages wait to be sent, or to be made."""
    with reading(engine) as connection:
        messages = select(func.count()).where(outbox.c.state.in_(WAITING))
        news = select(func.count()).select_from(alert_news)
        return sum(connection.execute(one).scalar_one() for one in (messages, news))


def work(database_url: str) -> None:
    """The worker: counts the stream, however far it is, as long as dispatchers keep up."""
    network, rules = network_file.load(NETWORK), rulebook.parse(RULES)
    engine = connect(database_url)
    ledger = PartitionLedger(engine, PLACE, Guides(lambda: network, lambda: rules, Clock.WALL))
    position = ledger.load() or 0
    while True:
        if waiting(engine) >= KEPT_WAITING:
            time.sleep(0.02)
            continue
        records = [record(position + n) for n in range(RECORDS_A_BATCH)]
        position = ledger.apply(position, records, datetime.now(UTC)).next_offset


def _log_to(diary: Path, sender: str) -> None:
    """A line of JSON each, `at` a time of the monotonic clock, which is the same in all processes of a machine."""

    def stamp(_: object, __: str, said: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**said, "at": time.monotonic(), "sender": sender}

    structlog.configure(
        processors=[stamp, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(diary.open("a", buffering=1)),
    )


def dispatch(database_url: str, address: str, sender: str, diary: str) -> None:
    """The desk and the dispatcher of one process, as the service runs them in the role `dispatch`.

    What they log goes to the end of the file `diary`: what each sending came to that was no success.
    """
    _log_to(Path(diary), sender)
    alerting, engine, addresses = parse(alerting_file()), connect(database_url), environment(address, sender)

    async def run() -> None:
        dispatcher = Dispatcher(engine, lambda: alerting, addresses, pace=PACE)
        await asyncio.gather(dispatcher.run(), Rounds(Desk(engine, lambda: alerting), dispatcher.wake).run())

    asyncio.run(run())
