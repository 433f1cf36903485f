"""The dispatcher against real databases and real HTTP receivers."""

import asyncio
import functools
import io
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from alerting import outbox as waiting
from alerting.book import AlertBook
from alerting.channels import open_channels
from alerting.database import connect
from alerting.dispatch import Dispatcher
from alerting.pace import Pace
from alerting.receiver import OK, Answer, ChatReceiver
from alerting.receivers import Receiver, Routing
from alerting.tables import metadata, outbox
from risk_rules.findings import Severity, Subject
from tests.unit.alerting.findings import MONDAY, shortage, verdict

QUICK = Pace(send_seconds=2, lease_seconds=4, poll_seconds=0.05, first_wait_seconds=0.02, stop_seconds=2)
PATIENCE_SECONDS = 20


@pytest.fixture
def chat():
    with ChatReceiver() as receiver:
        yield receiver


def in_loop(test):
    """Run an async test to its end in an event loop of its own."""

    @functools.wraps(test)
    def run(**fixtures):
        asyncio.run(test(**fixtures))

    return run


class House:
    """One partition with its receivers: verdicts in, messages out."""

    def __init__(self, engine: Engine, *receivers: Receiver) -> None:
        self.engine = engine
        self.routing = Routing(receivers)
        self.book = AlertBook(self.routing)
        with engine.begin() as connection:
            self.book.load(connection, "scrm.events.v1/0")

    def live(self, *verdicts) -> None:
        changes = self.book.observe(verdicts, MONDAY, datetime.now(UTC))
        with self.engine.begin() as connection:
            changes.write(connection)
        self.book.accept(changes)

    def dispatcher(self, pace: Pace = QUICK, **more) -> Dispatcher:
        channels = open_channels(self.routing, {}, timeout_seconds=pace.send_seconds)
        return Dispatcher(self.engine, channels, pace=pace, **more)

    def outbox(self, *columns):
        with self.engine.begin() as connection:
            statement = select(*(columns or (outbox.c.state,))).order_by(outbox.c.number, outbox.c.receiver)
            return [row[0] if len(row) == 1 else tuple(row) for row in connection.execute(statement)]

    async def until(self, *states: str) -> None:
        """Wait until the messages have these states."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.outbox()) != list(states):
            assert time.monotonic() < deadline, f"still {found}"
            await asyncio.sleep(0.02)


async def until_all_settled(house: House) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not set(house.outbox()) <= {"sent", "cancelled", "dead"}:
        assert time.monotonic() < deadline, f"still {house.outbox()}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(dispatcher: Dispatcher):
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        dispatcher.stop()
        await asyncio.wait_for(task, PATIENCE_SECONDS)


def lot(number: int) -> Subject:
    return Subject(kind="lot", key=f"BSL/L-{number}", partner="acme", site="BSL", material="API-7")


def a_planner(chat: ChatReceiver, **more) -> Receiver:
    return Receiver(name="planner", address=chat.address, **more)


@in_loop
async def test_a_message_arrives_once_with_its_key_and_is_marked_as_sent(engine, chat):
    house = House(engine, a_planner(chat))
    seen = []
    async with running(house.dispatcher(observe=lambda *told: seen.append(told))):
        house.live(verdict(shortage()))
        await house.until("sent")
    (received,) = chat.received
    ((identifier, attempts, result, repeat),) = house.outbox(
        outbox.c.id, outbox.c.attempts, outbox.c.result, outbox.c.possible_repeat
    )
    assert received.key == identifier
    assert received.title == "Warning: Material shortage, API-7 at BSL"
    assert received.body["type"] == "warning"
    assert (attempts, result, repeat) == (1, "accepted", False)
    ((channel, outcome, seconds),) = seen
    assert (channel, outcome) == ("json", "sent")
    assert 0 <= seconds < PATIENCE_SECONDS


@in_loop
async def test_the_whole_life_of_an_alert_is_told_in_order(engine, chat):
    house = House(engine, a_planner(chat))
    async with running(house.dispatcher()):
        for severity in (Severity.WARNING, Severity.CRITICAL, Severity.WARNING, None):
            house.live(verdict(shortage(severity)))
            await house.until(*["sent"] * len(house.outbox()))
    assert [told.title.partition(":")[0] for told in chat.received] == ["Warning", "CRITICAL", "Warning", "Resolved"]


@in_loop
async def test_messages_about_one_alert_never_overtake_each_other(engine, chat):
    refusals = iter([Answer(500)] * 5)
    chat.answer = lambda told: next(refusals, OK) if "warning" in told.body["type"] else OK
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    house.live(verdict(shortage(Severity.CRITICAL)))
    async with running(house.dispatcher()):
        await house.until("sent", "sent")
    assert [told.body["type"] for told in chat.received] == ["warning"] * 6 + ["failure"]


@in_loop
@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_service_in_trouble_is_tried_again_without_the_mark_of_a_repeat(engine, chat, status):
    answers = iter([Answer(status), Answer(status)])
    chat.answer = lambda _: next(answers, OK)
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    async with running(house.dispatcher()):
        await house.until("sent")
    assert len(chat.received) == 3
    assert len({told.key for told in chat.received}) == 1
    assert not any("repeat" in told.title for told in chat.received)
    assert house.outbox(outbox.c.attempts) == [3]


@in_loop
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer(404), "HTTP 404"),
        (Answer(401), "HTTP 401"),
        (Answer(302, {"Location": "/elsewhere"}), "HTTP 302: redirects are not followed, give the new address"),
    ],
)
async def test_a_message_that_is_refused_for_good_is_not_tried_again(engine, chat, answer, result):
    chat.answer = lambda _: answer
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    async with running(house.dispatcher()):
        await house.until("dead")
    assert len(chat.received) == 1
    assert house.outbox(outbox.c.result) == [result]


@in_loop
async def test_a_message_is_given_up_after_the_last_attempt(engine, chat):
    chat.answer = lambda _: Answer(500)
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    async with running(house.dispatcher(Pace(send_seconds=2, first_wait_seconds=0.01, most_attempts=3))):
        await house.until("dead")
    assert len(chat.received) == 3


@in_loop
async def test_a_message_without_an_answer_in_time_goes_out_again_as_a_possible_repeat(engine, chat):
    answers = iter([Answer(after_seconds=1.5)])
    chat.answer = lambda _: next(answers, OK)
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    async with running(house.dispatcher(Pace(send_seconds=0.5, poll_seconds=0.05, first_wait_seconds=0.02))):
        await house.until("sent")
    first, second = chat.received
    assert first.key == second.key
    assert second.title == f"(possible repeat) {first.title}"
    assert second.text == f"{first.text}\nPossible repeat: the first sending was not confirmed."


@in_loop
async def test_a_service_that_is_down_is_waited_for(engine):
    with ChatReceiver() as down:
        address = down.address
    house = House(engine, Receiver(name="planner", address=address))
    house.live(verdict(shortage()))
    async with running(house.dispatcher()):
        await house.until("failed")
    assert house.outbox(outbox.c.result, outbox.c.possible_repeat) == [("no connection", False)]


@in_loop
async def test_a_receiver_that_hangs_does_not_hold_up_the_others(engine, chat):
    with ChatReceiver(lambda _: Answer(after_seconds=3)) as slow:
        house = House(engine, Receiver(name="a-slow-one", address=slow.address), a_planner(chat))
        house.live(*(verdict(shortage(), subject=lot(number)) for number in range(30)))
        async with running(house.dispatcher()):
            deadline = time.monotonic() + 2.5
            while len(chat.received) < 30 and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert len(chat.received) == 30


@in_loop
async def test_what_a_dispatcher_sent_before_it_was_cut_off_goes_out_again_as_a_possible_repeat(engine, chat):
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    lost = datetime.now(UTC) - timedelta(seconds=30)
    with engine.begin() as connection:  # claimed and sent, and then the power went
        (claim,) = waiting.claim(connection, "planner", 8, datetime.now(UTC), timedelta(seconds=60))
        connection.execute(update(outbox).values(next_attempt_at=lost))
    async with running(house.dispatcher()):
        await house.until("sent")
    (told,) = chat.received
    assert told.title.startswith("(possible repeat) ")
    late = waiting.Mark(claim, waiting.State.DEAD, lost, lost, 1, False, "too late", None)
    with engine.begin() as connection:
        assert waiting.mark(connection, [late]) == 0
    assert house.outbox() == ["sent"]


@in_loop
async def test_two_dispatchers_send_each_message_once(engine, chat):
    house = House(engine, a_planner(chat))
    house.live(*(verdict(shortage(), subject=lot(number)) for number in range(200)))
    async with running(house.dispatcher()), running(house.dispatcher()):
        await house.until(*["sent"] * 200)
    assert Counter(Counter(told.key for told in chat.received).values()) == {1: 200}


def test_claims_from_many_threads_take_each_message_once(engine, chat):
    house = House(engine, a_planner(chat))
    house.live(*(verdict(shortage(), subject=lot(number)) for number in range(300)))

    def claim_all(_) -> list[str]:
        taken = []
        while True:
            with engine.begin() as connection:
                claims = waiting.claim(connection, "planner", 7, datetime.now(UTC), timedelta(seconds=60))
            if not claims and not waiting_now():
                return taken
            assert len(claims) <= 7
            taken += [claim.id for claim in claims]

    def waiting_now() -> bool:
        return "pending" in house.outbox()

    with ThreadPoolExecutor(8) as threads:
        taken = [one for part in threads.map(claim_all, range(8)) for one in part]
    assert len(taken) == len(set(taken)) == 300


@in_loop
async def test_nobody_hears_of_an_alert_that_was_resolved_before_it_could_be_told(engine, chat):
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    house.live(verdict(shortage(Severity.CRITICAL)))
    house.live(verdict())
    house.live(verdict(shortage(), subject=lot(1)))
    async with running(house.dispatcher()):
        await until_all_settled(house)
    assert Counter(house.outbox()) == {"cancelled": 3, "sent": 1}
    assert [told.title for told in chat.received] == ["Warning: Material shortage, L-1 at BSL"]


@in_loop
async def test_who_may_have_heard_of_an_alert_hears_its_end(engine, chat):
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    with engine.begin() as connection:
        waiting.claim(connection, "planner", 1, datetime.now(UTC), timedelta(0))
    house.live(verdict())
    async with running(house.dispatcher()):
        await house.until("sent", "sent")
    assert [told.title.partition(" ")[0] for told in chat.received] == ["(possible", "Resolved:"]


@in_loop
async def test_a_service_with_a_limit_gets_no_more_than_it_takes(engine, chat):
    at = []
    chat.answer = lambda _: at.append(time.monotonic()) or OK
    house = House(engine, a_planner(chat, per_second=20))
    house.live(*(verdict(shortage(), subject=lot(number)) for number in range(20)))
    async with running(house.dispatcher()):
        await house.until(*["sent"] * 20)
    assert at[-1] - at[0] >= 18 / 20


@in_loop
async def test_stopping_ends_what_has_begun_and_gives_back_the_rest(engine, chat):
    chat.answer = lambda _: Answer(after_seconds=0.3)
    house = House(engine, a_planner(chat))
    house.live(*(verdict(shortage(), subject=lot(number)) for number in range(20)))
    dispatcher = house.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    while not chat.received:
        await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    states = Counter(house.outbox())
    assert states["sent"] == len(chat.received)
    assert set(states) == {"sent", "pending"}


@in_loop
async def test_a_sending_that_outlasts_the_time_for_stopping_is_left_as_unknown(engine, chat):
    chat.answer = lambda _: Answer(after_seconds=1.5)
    house = House(engine, a_planner(chat))
    house.live(verdict(shortage()))
    async with running(house.dispatcher(Pace(send_seconds=2, stop_seconds=0.2))):
        while not chat.received:
            await asyncio.sleep(0.01)
    assert house.outbox(outbox.c.state, outbox.c.possible_repeat) == [("unknown", True)]


@in_loop
async def test_messages_for_a_receiver_that_is_not_configured_wait(engine, chat):
    house = House(engine, a_planner(chat), Receiver(name="gone", address=chat.address))
    house.live(verdict(shortage()))
    house.routing = Routing([a_planner(chat)])
    async with running(house.dispatcher()):
        await house.until("pending", "sent")


@in_loop
async def test_a_dispatcher_outlives_its_database(postgres, postgres_url, chat):
    engine = connect(postgres_url)
    metadata.create_all(engine)
    house = House(engine, a_planner(chat))
    async with running(house.dispatcher()):
        house.live(verdict(shortage()))
        await house.until("sent")
        postgres.kill()
        await asyncio.sleep(0.3)
        postgres.start()
        house.live(verdict(shortage(Severity.CRITICAL)))
        await house.until("sent", "sent")
    engine.dispose()
    assert len(chat.received) == 2


@in_loop
async def test_no_log_shows_the_address_of_a_receiver(engine, chat, capfd):
    everything = logging.StreamHandler(kept := io.StringIO())
    root = logging.getLogger()
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    answers = iter([Answer(500), Answer(after_seconds=1)])
    chat.answer = lambda _: next(answers, Answer(403))
    secret = chat.address.replace("json://", "json://user:t0psecret@") + "/t0psecret?+Token=t0psecret"
    house = House(engine, Receiver(name="planner", address=secret))
    house.live(verdict(shortage()))
    async with running(house.dispatcher(Pace(send_seconds=0.4, poll_seconds=0.05, first_wait_seconds=0.02))):
        await house.until("dead")
    root.removeHandler(everything)
    root.setLevel(logging.WARNING)
    shown = capfd.readouterr()
    assert len(chat.received) == 3
    assert "message not delivered" in shown.out + shown.err
    assert "t0psecret" not in shown.out + shown.err + kept.getvalue() + str(house.outbox(*outbox.c))
