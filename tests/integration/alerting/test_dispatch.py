"""The dispatcher against real databases and real HTTP receivers."""

import asyncio
import io
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from alerting.database import connect
from alerting.delivery import outbox as waiting
from alerting.delivery import turns
from alerting.delivery.lane import LeaseTooShortError
from alerting.delivery.lanes import Lanes
from alerting.delivery.pace import Pace
from alerting.delivery.receiver import OK, Answer, ChatReceiver
from alerting.tables import metadata, outbox
from risk_rules.findings import Severity
from tests.integration.alerting.mailroom import PATIENCE_SECONDS, QUICK, Mailroom, in_loop, running

CRITICAL, WATCH = Severity.CRITICAL.value, Severity.WATCH.value


@pytest.fixture
def chat():
    with ChatReceiver() as receiver:
        yield receiver


@in_loop
async def test_a_message_arrives_once_with_its_key_and_is_marked_as_sent(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    seen = []
    identifier = room.put("API-7")
    async with running(room.dispatcher(observe=lambda *told: seen.append(told))):
        await room.until("sent")
    (received,) = chat.received
    assert (received.key, received.title) == (identifier, "Warning: API-7 runs out")
    assert received.body["type"] == "warning"
    (kept,) = room.outbox(outbox.c.attempts, outbox.c.result, outbox.c.possible_repeat)
    assert kept == (1, "accepted", False)
    ((channel, outcome, seconds),) = seen
    assert (channel, outcome) == ("json", "sent")
    assert 0 <= seconds < PATIENCE_SECONDS


@in_loop
async def test_messages_of_a_thread_never_overtake_each_other(engine, chat):
    refusals = iter([Answer(500)] * 5)
    chat.answer = lambda told: next(refusals, OK) if told.text == "message 1 of A" else OK
    room = Mailroom(engine, planner=chat.address)
    room.put("A", 1)
    room.put("A", 2, severity=CRITICAL)
    async with running(room.dispatcher()):
        await room.until("sent", "sent")
    assert [told.text for told in chat.received] == ["message 1 of A"] * 6 + ["message 2 of A"]


@in_loop
async def test_the_end_of_an_alert_waits_for_the_message_that_tells_of_it_among_others(engine, chat):
    refusals = iter([Answer(500)] * 3)
    chat.answer = lambda told: next(refusals, OK) if told.text == "message 1 of bundle" else OK
    room = Mailroom(engine, planner=chat.address)
    shortage = room.raise_alert("API-7", "resolved")
    room.contains(room.put("bundle", kind="group"), shortage)
    room.about(shortage, 2, transition="resolved", severity=CRITICAL)
    async with running(room.dispatcher()):
        await room.until("sent", "sent")
    assert [told.text for told in chat.received][-2:] == ["message 1 of bundle", f"message 2 of {shortage}"]


@in_loop
async def test_the_worst_goes_first_when_a_service_is_slow(engine, chat):
    room = Mailroom(engine, planner=f"'{chat.address}', per_second: 4")
    for number in range(6):
        room.put(f"watch {number}", severity=WATCH)
    async with running(room.dispatcher()):
        while not chat.received:
            await asyncio.sleep(0.01)
        room.put("urgent", severity=CRITICAL)
        await room.until(*["sent"] * 7)
    place = [told.text for told in chat.received].index("message 1 of urgent")
    assert place <= 3


@in_loop
@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_service_in_trouble_is_tried_again_without_the_mark_of_a_repeat(engine, chat, status):
    answers = iter([Answer(status), Answer(status)])
    chat.answer = lambda _: next(answers, OK)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("sent")
    assert len(chat.received) == 3
    assert len({told.key for told in chat.received}) == 1
    assert not any("repeat" in told.title for told in chat.received)
    assert room.outbox(outbox.c.attempts) == [3]


@in_loop
async def test_a_service_that_names_a_time_gets_nothing_from_any_dispatcher_before(engine, chat):
    at = []
    answers = iter([Answer(429, {"Retry-After": "2"})])
    chat.answer = lambda _: at.append(time.monotonic()) or next(answers, OK)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher(), room.dispatcher()):
        await room.until("failed")
        room.put("B")
        await room.until("sent", "sent")
    assert len(at) == 3
    assert at[1] - at[0] >= 1.9


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
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("dead")
    assert len(chat.received) == 1
    assert room.outbox(outbox.c.result) == [result]


@in_loop
async def test_a_message_is_given_up_after_the_last_attempt(engine, chat):
    chat.answer = lambda _: Answer(500)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher(Pace(send_seconds=2, first_wait_seconds=0.01, most_attempts=3))):
        await room.until("dead")
    assert len(chat.received) == 3


@in_loop
@pytest.mark.parametrize(
    "answer",
    [Answer(after_seconds=1.5), Answer(breaks_off="before"), Answer(body=b'{"ok": tr', breaks_off="within")],
    ids=["late", "none", "half"],
)
async def test_a_message_without_a_whole_answer_goes_out_again_as_a_possible_repeat(engine, chat, answer):
    answers = iter([answer])
    chat.answer = lambda _: next(answers, OK)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher(Pace(send_seconds=0.5, poll_seconds=0.05, first_wait_seconds=0.02))):
        await room.until("sent")
    first, second = chat.received
    assert first.key == second.key
    assert second.title == f"(possible repeat) {first.title}"
    assert second.text.startswith(first.text)
    assert second.text != first.text


@in_loop
async def test_half_an_answer_that_says_no_is_a_no(engine, chat):
    answers = iter([Answer(503, body=b"<html>", breaks_off="within")])
    chat.answer = lambda _: next(answers, OK)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("sent")
    assert [told.title for told in chat.received] == ["Warning: A runs out"] * 2


@in_loop
async def test_a_digest_that_may_have_arrived_is_held(engine, chat):
    answers = iter([Answer(breaks_off="before")])
    chat.answer = lambda _: next(answers, OK)
    room = Mailroom(engine, planner=chat.address)
    room.put("digest", kind="digest", transition="several")
    async with running(room.dispatcher()):
        await room.until("unknown")
        await asyncio.sleep(0.3)
    assert len(chat.received) == 1
    ((again_at, sent),) = room.outbox(outbox.c.next_attempt_at, outbox.c.state)
    assert again_at > datetime.now(UTC) + timedelta(minutes=50)
    assert sent == "unknown"


@in_loop
async def test_a_service_that_is_down_is_waited_for(engine):
    with ChatReceiver() as down:
        address = down.address
    room = Mailroom(engine, planner=address)
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("failed")
    assert room.outbox(outbox.c.result, outbox.c.possible_repeat) == [("no connection", False)]


@in_loop
async def test_a_receiver_that_hangs_does_not_hold_up_the_others(engine, chat):
    with ChatReceiver(lambda _: Answer(after_seconds=3)) as slow:
        room = Mailroom(engine, slow=slow.address, planner=chat.address)
        for number in range(30):
            room.put(f"lot {number}", receiver="slow")
            room.put(f"lot {number}", receiver="planner")
        async with running(room.dispatcher()):
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len(chat.received) < 30 and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert len(chat.received) == 30
            assert "sent" not in room.outbox(outbox.c.state)[-1:] or len(slow.received) < 30


@in_loop
async def test_what_a_dispatcher_sent_before_it_was_cut_off_goes_out_again_as_a_possible_repeat(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    lost = datetime.now(UTC) - timedelta(seconds=30)
    with engine.begin() as connection:  # claimed and sent, and then the power went
        (claim,) = waiting.claim(connection, "planner", 8, datetime.now(UTC), timedelta(seconds=60))
        connection.execute(update(outbox).values(next_attempt_at=lost))
    async with running(room.dispatcher()):
        await room.until("sent")
    (told,) = chat.received
    assert told.title.startswith("(possible repeat) ")
    late = waiting.Mark(claim, waiting.State.DEAD, lost, lost, 1, False, "too late", None)
    with engine.begin() as connection:
        assert waiting.mark(connection, [late]) == 0
        assert waiting.ours(connection, [claim]) == set()
    assert room.outbox() == ["sent"]


@in_loop
async def test_a_dispatcher_that_stood_still_for_longer_than_its_lease_sends_nothing(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    with engine.begin() as connection:
        (claim,) = waiting.claim(connection, "planner", 8, datetime.now(UTC), timedelta(seconds=1))
    lane = Lanes(room.configuration.contacts, {}, QUICK)["planner"]
    with pytest.raises(LeaseTooShortError):
        await lane.send(claim, claim.message, within_seconds=2)
    lane.close()
    assert chat.received == []


@in_loop
async def test_two_dispatchers_send_each_message_once(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    for number in range(200):
        room.put(f"lot {number}")
    async with running(room.dispatcher(), room.dispatcher()):
        await room.until(*["sent"] * 200)
    assert Counter(Counter(told.key for told in chat.received).values()) == {1: 200}


def test_claims_from_many_threads_take_each_message_once(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    for number in range(300):
        room.put(f"lot {number}")

    def claim_all(_) -> list[str]:
        taken = []
        while True:
            with engine.begin() as connection:
                claims = waiting.claim(connection, "planner", 7, datetime.now(UTC), timedelta(seconds=60))
            if not claims and "pending" not in room.outbox():
                return taken
            assert len(claims) <= 7
            taken += [claim.id for claim in claims]

    with ThreadPoolExecutor(8) as threads:
        taken = [one for part in threads.map(claim_all, range(8)) for one in part]
    assert len(taken) == len(set(taken)) == 300


def test_two_dispatchers_together_take_no_more_places_than_a_service_gives(engine, chat):
    room = Mailroom(engine, planner=f"{chat.address}, per_second: 20")
    for number in range(30):
        room.put(f"lot {number}")
    now, begins = datetime.now(UTC), []
    dispatchers = [Lanes(room.configuration.contacts, {}, QUICK) for _ in range(2)]
    while len(begins) < 30:
        for lanes in dispatchers:
            now += timedelta(seconds=0.1)
            claimed = turns.claim(engine, {"planner": 3}, {"planner": lanes["planner"]}, QUICK, now)
            begins += [turn.begins_at for turn in claimed.turns]
            assert all(turn.begins_at >= now for turn in claimed.turns)
    for lanes in dispatchers:
        lanes.close()
    assert min(after - before for before, after in pairwise(sorted(begins))) >= timedelta(seconds=1 / 20)


@in_loop
async def test_stopping_ends_what_has_begun_and_gives_back_the_rest(engine, chat):
    chat.answer = lambda _: Answer(after_seconds=0.3)
    room = Mailroom(engine, planner=chat.address)
    for number in range(40):
        room.put(f"lot {number}")
    task = asyncio.create_task(room.dispatcher(Pace(send_seconds=2, stop_seconds=0.7)).run())
    while not chat.received:
        await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    states = Counter(room.outbox())
    assert states["sent"] + states["unknown"] == len(chat.received)
    assert set(states) <= {"sent", "pending", "unknown"}
    assert states["pending"] >= 8


@in_loop
async def test_a_sending_that_outlasts_the_time_for_stopping_is_left_as_unknown(engine, chat):
    chat.answer = lambda _: Answer(after_seconds=1.5)
    room = Mailroom(engine, planner=chat.address)
    room.put("A")
    async with running(room.dispatcher(Pace(send_seconds=2, stop_seconds=0.2))):
        while not chat.received:
            await asyncio.sleep(0.01)
    assert room.outbox(outbox.c.state, outbox.c.possible_repeat) == [("unknown", True)]


@in_loop
async def test_a_dispatcher_outlives_its_database(postgres, postgres_url, chat):
    engine = connect(postgres_url)
    metadata.create_all(engine)
    room = Mailroom(engine, planner=chat.address)
    async with running(room.dispatcher()):
        room.put("A")
        await room.until("sent")
        postgres.kill()
        await asyncio.sleep(0.3)
        postgres.start()
        room.put("B")
        await room.until("sent", "sent")
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
    room = Mailroom(engine, planner=f"'{secret}'")
    room.put("A")
    async with running(room.dispatcher(Pace(send_seconds=0.4, poll_seconds=0.05, first_wait_seconds=0.02))):
        await room.until("dead")
    root.removeHandler(everything)
    root.setLevel(logging.WARNING)
    shown = capfd.readouterr()
    assert len(chat.received) == 3
    assert "message not delivered" in shown.out + shown.err
    assert "t0psecret" not in shown.out + shown.err + kept.getvalue() + str(room.outbox(*outbox.c))
