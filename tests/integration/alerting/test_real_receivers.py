"""The messages of one alert through Apprise to receivers of each kind on loopback, as they come in there."""

import email
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from email.message import Message as Mail
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from alerting.delivery.receiver import OK, Answer, ChatReceiver, Received
from alerting.life.course import Occasion
from alerting.tables import outbox
from alerting.wording.facts import Facts
from alerting.wording.reader import Reader
from alerting.wording.single import Saying, message
from risk_rules.findings import Factor, Severity
from tests.integration.alerting.approved import assert_approved
from tests.integration.alerting.mailroom import QUICK, Mailroom, in_loop, running
from tests.servers import free_port
from tests.unit.alerting.findings import MONDAY

SHORTAGE = Facts(
    id="9f2c41d07e6b4a55a1b2c3d4e5f60718", kind="material_shortage", severity=Severity.WARNING, score=74.0,
    subject_kind="material", subject_key="BSL/API-7", partner="acme", site="BSL", material="API-7", product="AMLO-5",
    summary="API-7 runs out on 2 Feb 2026, <b>120 kg</b> short & @channel must know", opened_at=MONDAY,
    advice="Order 150 kg from Lonza by 9 Jan 2026.", likelihood=0.8, impact_on=date(2026, 2, 2), quantity=120.0,
    unit="KGM", owner="Supply planning",
    factors=(Factor(name="days_of_supply", value="28 d", reference="90 d", share=44.4, lowers_to=0.0),),
)  # fmt: skip
PATIENT = replace(QUICK, send_seconds=20, lease_seconds=60)
LINK = "https://bellwether.example/a/eyJhIjoxfQ"
KEPT_HEADERS = ("content-type", "user-agent", "x-idempotency-key", "x-thread")

HTTP_ADDRESSES = {
    "json": "json://{place}/chat",
    "mattermost_webhook": "mmost://{place}/3ccdd113474722377935511fc85d3dd4",
    "mattermost_bot": "mmost://{place}/bottoken?mode=bot&to=%2Ba1b2c3d4e5f6g7h8i9j0k1l2m3",
    "gotify": "gotify://{place}/Awxqz8F-Zt3N2mP",
    "ntfy": "ntfy://{place}/buyers",
}


def the_course_of_an_alert(room: Mailroom) -> None:
    """It opens, nobody takes it, it is over: three messages to one receiver."""
    room.raise_alert("API-7")
    saying = [
        (Occasion.OPENED, SHORTAGE, {"link": LINK}),
        (Occasion.STEP, SHORTAGE, {"step": 1, "link": LINK}),
        (Occasion.RESOLVED, SHORTAGE, {"reason": "the rules no longer find it"}),
    ]
    for number, (occasion, facts, more) in enumerate(saying, start=1):
        at = MONDAY + timedelta(hours=6 * (number - 1))
        told = message(facts, Saying(occasion=occasion, at=at, **more), Reader())
        room.put(
            SHORTAGE.id,
            number,
            transition=occasion.value,
            severity=facts.severity.value,
            title=told.title,
            body=told.body,
        )


@pytest.mark.parametrize("service", HTTP_ADDRESSES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@in_loop
async def test_what_comes_in_over_http_is_as_approved(engine, service):
    def answer(told: Received) -> Answer:
        named = {"id": f"post{len(chat.received)}"}
        status = 201 if told.path.endswith("/api/v4/posts") else 200
        return Answer(status, {"Content-Type": "application/json"}, body=json.dumps(named).encode())

    with ChatReceiver(answer) as chat:
        place = chat.address.removeprefix("json://").removesuffix("/chat")
        room = Mailroom(engine, planner=f"'{HTTP_ADDRESSES[service].format(place=place)}', per_second: 100")
        the_course_of_an_alert(room)
        async with running(room.dispatcher(PATIENT)):
            await room.until("sent", "sent", "sent")
    assert_approved(service, "\n".join(_http(told) for told in chat.received))


def _http(told: Received) -> str:
    headers = [f"{name}: {told.headers[name]}" for name in KEPT_HEADERS if name in told.headers]
    body = json.dumps(told.body, indent=1, ensure_ascii=False).replace("\\n", "\n    ")
    return "\n".join([f"POST {told.path}", *headers, "", body, ""])


@dataclass
class Mailbox:
    """A mail server that keeps what it takes. `replies` to the text of each mail; after them it says yes."""

    replies: Iterator[str] = field(default_factory=lambda: iter(()))
    mails: list[Mail] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        self.mails.append(email.message_from_bytes(envelope.content))
        return next(self.replies, "250 OK")

    @contextmanager
    def open(self) -> Iterator[str]:
        """The server, while this lasts: its address for Apprise."""
        server = Controller(self, hostname="127.0.0.1", port=free_port())
        server.start()
        try:
            yield f"mailto://127.0.0.1:{server.port}/buyer@acme.example?from=bellwether@acme.example"
        finally:
            server.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@in_loop
async def test_what_comes_in_by_mail_is_as_approved(engine):
    box = Mailbox()
    with box.open() as address:
        room = Mailroom(engine, planner=f"'{address}', per_second: 100")
        the_course_of_an_alert(room)
        async with running(room.dispatcher(PATIENT)):
            await room.until("sent", "sent", "sent")
    assert_approved("mail", "\n".join(_mail(one) for one in box.mails))
    first, *later = box.mails
    assert all(one["References"] == first["Message-ID"] for one in later)
    assert len({one["Message-ID"] for one in box.mails}) == 3
    assert all(len(one.get_all("Message-ID")) == 1 for one in box.mails)


def _mail(mail: Mail) -> str:
    kept = ("From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "X-Thread", "X-Idempotency-Key")
    headers = [f"{name}: {mail[name]}" for name in kept if mail[name]]
    parts = [part for part in mail.walk() if not part.is_multipart()]
    texts = [f"[{part.get_content_type()}]\n{part.get_payload(decode=True).decode()}" for part in parts]
    return re.sub(r"127\.0\.0\.1:\d+", "HOST", "\n".join([*headers, "", *texts, ""]))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("replies", "state", "result"),
    [
        (["451 try later", "250 OK"], "sent", "accepted"),
        (["550 no such user"], "dead", "SMTP 550"),
        (["421 closing", "250 OK"], "sent", "accepted"),
    ],
)
@in_loop
async def test_a_mail_server_that_says_later_is_asked_again_and_one_that_says_no_is_not(engine, replies, state, result):
    box = Mailbox(iter(replies))
    with box.open() as address:
        room = Mailroom(engine, planner=f"'{address}', per_second: 100")
        room.put("A")
        async with running(room.dispatcher(PATIENT)):
            await room.until(state)
    assert len(box.mails) == len(replies)
    assert room.outbox(outbox.c.result, outbox.c.possible_repeat) == [(result, False)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("service", [name for name in HTTP_ADDRESSES if name != "mattermost_bot"])
@in_loop
async def test_each_service_is_left_alone_for_as_long_as_it_asks(engine, service):
    answers = iter([Answer(429, {"Retry-After": "1"}, body=b'{"code": 42901, "http": 429, "error": "limit"}')])
    with ChatReceiver(lambda _: next(answers, OK)) as chat:
        place = chat.address.removeprefix("json://").removesuffix("/chat")
        room = Mailroom(engine, planner=f"'{HTTP_ADDRESSES[service].format(place=place)}', per_second: 100")
        room.put("A")
        async with running(room.dispatcher(PATIENT)):
            await room.until("failed")
            ((again_at, tried),) = room.outbox(outbox.c.next_attempt_at, outbox.c.created_at)
            await room.until("sent")
    assert again_at - tried >= timedelta(seconds=1)
    assert len(chat.received) == 2
