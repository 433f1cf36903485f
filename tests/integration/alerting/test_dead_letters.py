"""What follows when messages cannot be delivered, and when the way to a receiver changes meanwhile."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from alerting.delivery.dead_letters import NOTICE_EVERY, tell_the_rest
from alerting.delivery.directory import directory
from alerting.delivery.receiver import OK, Answer, ChatReceiver
from alerting.tables import contact_state, message_alert, outbox
from tests.integration.alerting.mailroom import QUICK, Mailroom, in_loop, running

SLOW_TO_LEAVE = replace(QUICK, homeless_seconds=60)


@pytest.fixture
def chat():
    with ChatReceiver() as receiver:
        yield receiver


@pytest.fixture
def broken():
    with ChatReceiver(lambda _: Answer(404)) as receiver:  # its address is wrong
        yield receiver


def a_house(engine, broken, chat) -> Mailroom:
    """A planner whose chat is broken and who has a telephone, and somebody who keeps all this running."""
    room = Mailroom(engine, planner=broken.address)
    room.configure(f"""
contacts: {{phone: {{address: "{chat.address}"}}}}
receivers:
  planner: {{address: "{broken.address}", fallbacks: phone}}
  keeper: {{address: "{chat.address}/keeper", audience: sre}}
route: {{to: planner}}
""")
    return room


@in_loop
async def test_a_message_that_is_refused_goes_on_to_the_next_contact_and_a_notice_to_the_keeper(engine, broken, chat):
    room = a_house(engine, broken, chat)
    shortage = room.raise_alert("API-7")
    first = room.about(shortage)
    async with running(room.dispatcher()):
        await room.until("dead", "sent", "sent")
    of = outbox.c
    rows = room.outbox(of.instead_of, of.id, of.contact, of.possible_repeat)
    ((second, contact, is_repeat),) = [row[1:] for row in rows if row[0] == first]
    assert (contact, is_repeat) == ("phone", False)
    with engine.begin() as connection:
        told = select(message_alert.c.alert_id).where(message_alert.c.message_id == second)
        assert connection.execute(told).scalar() == shortage
    titles = [(told.path, told.title) for told in chat.received]
    assert ("/chat", f"Warning: {shortage} runs out") in titles
    (notice,) = [told for told in chat.received if told.path == "/chat/keeper"]
    assert "planner" in notice.title
    assert "HTTP 404" in notice.text


@in_loop
async def test_what_may_have_arrived_goes_to_the_next_contact_as_a_possible_repeat(engine, chat):
    with ChatReceiver(lambda _: Answer(breaks_off="before")) as silent:
        room = a_house(engine, silent, chat)
        room.put("A")
        async with running(room.dispatcher()):
            await room.until("dead", "sent", "sent")
    assert len([told for told in silent.received if told.path == "/chat"]) == QUICK.attempts_before_fallback
    (told,) = [told for told in chat.received if told.path == "/chat"]
    assert told.title.startswith("(possible repeat) ")


@in_loop
async def test_a_storm_of_dead_letters_is_one_notice_with_their_number_and_one_more_an_hour_later(engine, broken, chat):
    room = a_house(engine, broken, chat)
    chat.answer = lambda told: Answer(503) if told.path == "/chat/keeper" and len(broken.received) < 40 else OK
    for number in range(40):
        room.put(f"lot {number}", fallbacks=[])
    async with running(room.dispatcher(replace(QUICK, most_attempts=1000))):
        await room.until(*["dead"] * 40, "sent")
        for number in range(3):
            room.put(f"later lot {number}", fallbacks=[])
        await room.until(*["dead"] * 43, "sent")
    notices = [told for told in chat.received if told.path == "/chat/keeper"]
    assert len({told.key for told in notices}) == 1
    before = len(room.outbox())
    with engine.begin() as connection:
        (kept,) = connection.execute(select(contact_state).where(contact_state.c.contact == "planner"))
        assert kept.dead >= 3
        tell_the_rest(connection, directory(room.configuration), kept.told_at + NOTICE_EVERY / 2)
    assert len(room.outbox()) == before
    with engine.begin() as connection:
        tell_the_rest(connection, directory(room.configuration), kept.told_at + NOTICE_EVERY)
        tell_the_rest(connection, directory(room.configuration), kept.told_at + NOTICE_EVERY)
    ((body, contact),) = [
        row[:2] for row in room.outbox(outbox.c.body, outbox.c.contact, outbox.c.state) if row[2] == "pending"
    ]
    assert contact == "keeper"
    assert str(kept.dead) in body


@in_loop
async def test_nothing_is_told_through_the_contact_that_is_dead(engine, broken, chat):
    room = Mailroom(engine, planner=broken.address)
    room.configure(f"receivers: {{planner: {{address: '{broken.address}', audience: sre}}}}\nroute: {{to: planner}}")
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("dead")
        await asyncio.sleep(0.2)
    assert room.outbox() == ["dead"]


@in_loop
async def test_messages_of_a_contact_that_is_taken_away_go_to_the_present_contacts(engine, broken, chat):
    broken.answer = lambda _: Answer(503)
    room = Mailroom(engine, planner=broken.address)
    room.put("A")
    async with running(room.dispatcher()):
        await room.until("failed")
        room.configure(
            f"contacts: {{phone: {{address: '{chat.address}'}}}}\n"
            f"receivers: {{other: {{address: '{chat.address}'}}}}\nroute: {{to: other}}"
        )
        await room.until("dead")
    assert room.outbox(outbox.c.result) == ["planner has no contact that is configured"]


@in_loop
async def test_a_new_address_counts_at_once_for_what_waits(engine, broken, chat):
    broken.answer = lambda _: Answer(503)
    room = Mailroom(engine, planner=broken.address)
    room.put("A")
    async with running(room.dispatcher(replace(QUICK, most_attempts=1000))):
        await room.until("failed")
        room.configure(f"receivers: {{planner: {{address: '{chat.address}'}}}}\nroute: {{to: planner}}")
        await room.until("sent")
    assert len(chat.received) == 1


@in_loop
async def test_messages_for_another_contact_follow_their_receiver(engine, broken, chat):
    room = Mailroom(engine, planner=chat.address)
    room.put("A", contact="old-phone", fallbacks=["older-phone"])
    room.put("B", contact=None, thread=None)
    async with running(room.dispatcher()):
        await room.until("sent", "sent")
    assert set(room.outbox(outbox.c.contact)) == {"planner"}


@in_loop
async def test_messages_for_a_receiver_that_is_not_configured_wait_for_a_while(engine, chat):
    room = Mailroom(engine, planner=chat.address)
    room.put("A", receiver="gone")
    room.put("B")
    async with running(room.dispatcher(SLOW_TO_LEAVE)):
        await room.until("pending", "sent")
        await asyncio.sleep(0.3)
        assert set(room.outbox()) == {"pending", "sent"}


@in_loop
async def test_a_new_address_that_cannot_be_used_leaves_the_contact_as_it_was(engine, chat, capfd):
    room = Mailroom(engine, planner=chat.address)
    async with running(room.dispatcher()):
        room.configure("receivers: {planner: {address: 'nosuch://t0psecret'}}\nroute: {to: planner}")
        await asyncio.sleep(0.3)
        room.put("A")
        await room.until("sent")
    shown = capfd.readouterr()
    assert "a contact cannot be used" in shown.out + shown.err
    assert "t0psecret" not in shown.out + shown.err
