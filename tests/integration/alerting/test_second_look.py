"""Before a message goes out, the dispatcher looks again whether anybody still needs it."""

from datetime import UTC, datetime, timedelta

import pytest

from alerting.delivery import outbox as waiting
from alerting.delivery.receiver import ChatReceiver
from risk_rules.findings import Severity
from tests.integration.alerting.mailroom import Mailroom, in_loop, running

CRITICAL, WATCH = Severity.CRITICAL.value, Severity.WATCH.value


@pytest.fixture
def chat():
    with ChatReceiver() as receiver:
        yield receiver


@in_loop
async def test_nobody_hears_of_an_alert_that_was_resolved_before_it_could_be_told(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    gone, open_one = room.raise_alert("API-7", "resolved"), room.raise_alert("API-8")
    room.about(gone, 1)
    room.about(gone, 2)
    room.about(gone, 3, transition="resolved")
    room.about(open_one, 1)
    async with running(room.dispatcher()):
        await room.until("cancelled", "cancelled", "cancelled", "sent")
    assert [told.text for told in chat.received] == [f"message 1 of {open_one}"]


@in_loop
async def test_who_heard_of_an_alert_among_others_hears_its_end(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    shortage = room.raise_alert("API-7")
    room.contains(room.put("bundle", kind="group", transition="several"), shortage)
    async with running(room.dispatcher()):
        await room.until("sent")
        room.handle(shortage, "resolved")
        room.about(shortage, 2, transition="resolved")
        await room.until("sent", "sent")


@in_loop
async def test_who_may_have_heard_of_an_alert_hears_its_end(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    shortage = room.raise_alert("API-7", "resolved")
    room.about(shortage, 1)
    with engine.begin() as connection:
        waiting.claim(connection, "planner", 1, datetime.now(UTC), timedelta(0))
    room.about(shortage, 2, transition="resolved")
    async with running(room.dispatcher()):
        await room.until("sent", "sent")
    assert [told.title.startswith("(possible repeat)") for told in chat.received] == [True, False]


@in_loop
@pytest.mark.parametrize("state", ["acknowledged", "snoozed", "resolved"])
async def test_nobody_is_urged_to_take_an_alert_that_somebody_has_taken(engine, chat, state):
    room = Mailroom(engine, planner=chat.address, manager=chat.address)
    shortage = room.raise_alert("API-7")
    room.about(shortage, 1)
    async with running(room.dispatcher()):
        await room.until("sent")
        room.handle(shortage, state)
        room.about(shortage, 2, receiver="manager", transition="step")
        await room.until("sent", "cancelled")
    assert len(chat.received) == 1
