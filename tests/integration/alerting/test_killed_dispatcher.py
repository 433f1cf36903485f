import subprocess
import sys
import time
from collections import Counter
from itertools import count

from sqlalchemy import select

from alerting.book import AlertBook
from alerting.receiver import OK, Answer, ChatReceiver
from alerting.receivers import Receiver, Routing
from alerting.tables import outbox
from risk_rules.findings import Subject
from tests.unit.alerting.findings import MONDAY, shortage, verdict

MESSAGES = 60
PATIENCE_SECONDS = 60


def test_messages_of_killed_dispatchers_arrive_once_or_are_marked_as_possible_repeats(engine, database_url):
    """Every 15th message kills the dispatcher that sends it: it has arrived, and nothing says so."""
    arrived = count(1)
    dispatcher: list[subprocess.Popen[bytes]] = []

    def answer(_) -> Answer:
        if next(arrived) % 15 == 0:
            dispatcher[-1].kill()
        return OK

    with ChatReceiver(answer) as chat:
        _fill_outbox(engine, chat.address)
        kills = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while set(_states(engine)) != {"sent"}:
            assert time.monotonic() < deadline, _states(engine)
            if not dispatcher or dispatcher[-1].poll() is not None:
                kills += bool(dispatcher)
                dispatcher.append(_dispatcher(database_url, chat.address))
            time.sleep(0.02)
        dispatcher[-1].terminate()
        dispatcher[-1].wait()
    assert kills >= 3
    times = Counter(told.key for told in chat.received)
    assert len(times) == MESSAGES
    plain = Counter(told.key for told in chat.received if not told.title.startswith("(possible repeat)"))
    assert max(plain.values()) == 1


def _dispatcher(database_url: str, address: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.integration.alerting.lone_dispatcher", database_url, address])


def _fill_outbox(engine, address: str) -> None:
    book = AlertBook(Routing([Receiver(name="planner", address=address)]))
    lots = (Subject(kind="lot", key=f"BSL/L-{n}", partner="acme", site="BSL") for n in range(MESSAGES))
    with engine.begin() as connection:
        book.load(connection, "scrm.events.v1/0")
        book.observe([verdict(shortage(), subject=lot) for lot in lots], MONDAY).write(connection)


def _states(engine) -> Counter[str]:
    with engine.begin() as connection:
        return Counter(connection.execute(select(outbox.c.state)).scalars())
