"""Webhooks on a running service: what is answered when, and what then lies in Kafka."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from streams.archive.stored import StoredRecord, last_records
from streams.intake.webhook.content import LARGEST_BODY
from streams.service import Service
from streams.settings import SettingsError
from tests.integration.intake.webhook.sender import PROFILE, SECRET, Sender, serving
from tests.servers import Broker, EmbeddedBroker
from tests.unit.intake.order_map import MAP, text
from tests.unit.intake.partner_events import stock_report
from tests.unit.intake.partner_events import text as event

BODY = event(stock_report(id="evt-1", siteid="BSL"))
Work = Callable[[Sender, Service], Awaitable[None]]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_HOOK", SECRET)


def run(broker: Broker, folder: Path, work: Work, **said: Any) -> list[StoredRecord]:
    """Does it, and gives what then lies on the partner's topic."""

    async def main() -> list[StoredRecord]:
        async with serving(broker, folder, **said) as service, ClientSession() as session:
            await work(Sender(session, service.address), service)
            settings = service.settings
        return await asyncio.to_thread(last_records, settings, "acme", 1000)

    return asyncio.run(main())


def test_a_signed_event_is_in_kafka_when_it_is_answered(broker: Broker, tmp_path: Path) -> None:
    async def work(sender: Sender, _: Service) -> None:
        answer = await sender.post("msg_1", BODY)
        assert (answer.status, answer.result) == (202, "kept")

    (record,) = run(broker, tmp_path, work)
    assert record.value == BODY
    assert dict(record.headers) == {
        "content-type": b"application/cloudevents+json", "bellwether.webhook_id": b"msg_1",
    }  # fmt: skip


def test_a_message_sent_again_is_answered_and_not_written_again(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(sender: Sender, _: Service) -> None:
        first = await asyncio.gather(*(sender.post("msg_1", BODY) for _ in range(20)))
        assert {answer.status for answer in first} == {202}
        assert sorted(answer.result for answer in first) == ["kept"] + ["known"] * 19
        assert (await sender.post("msg_1", BODY)).result == "known"
        assert (await sender.post("msg_1", BODY, at=time.time() - 200)).result == "known"
        assert (await sender.post("msg_2", BODY)).result == "kept"
        # One id for two messages is the sender's mistake; neither is lost.
        assert (await sender.post("msg_1", BODY + b" ")).result == "kept"

    assert [record.value for record in run(embedded, tmp_path, work)] == [BODY, BODY, BODY + b" "]


def test_a_stranger_is_answered_alike_whatever_is_wrong(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(sender: Sender, _: Service) -> None:
        now = time.time()
        answers = [
            await sender.post("msg_1", BODY, webhook_signature="v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="),
            await sender.post("msg_1", BODY, partner="other"),  # a partner without keys
            await sender.post("msg_1", BODY, partner="nobody"),
            await sender.post("msg_1", BODY, partner="nobody%00%FF"),
            await sender.post("msg_1", BODY, at=now - 320),
            await sender.post("msg_1", BODY, at=now + 320),
            await sender.post("msg_1", BODY, webhook_id="msg_2"),
            await sender.post("", BODY),
        ]
        assert {answer.status for answer in answers} == {401}
        assert len({(answer.result, answer.message) for answer in answers}) == 1

    assert run(embedded, tmp_path, work) == []


def test_what_cannot_be_taken_is_refused_with_its_own_answer(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(sender: Sender, _: Service) -> None:
        assert (await sender.post("msg_1", b"x" * (LARGEST_BODY + 1))).status == 413
        assert (await sender.post("msg_1", b"x" * LARGEST_BODY)).status == 202
        for content_type in ("text/html", "application/json", None, "application/vnd.bellwether.tick"):
            assert (await sender.post("msg_2", BODY, content_type=content_type)).status == 415
        binary = await sender.post("msg_2", b"{}", content_type="application/cloudevents+json", ce_id="evt-1")
        assert binary.status == 415
        assert "not signed" in binary.message

    assert len(run(embedded, tmp_path, work)) == 1


def test_a_body_of_unknown_length_is_bounded_too(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(_: Sender, service: Service) -> None:
        async def endless() -> Any:
            for _ in range(64):
                yield b"x" * 64 * 1024

        async with ClientSession() as session:
            url = f"{service.address}/partners/acme/events"
            async with session.post(url, data=endless()) as answer:
                assert answer.status == 413

    assert run(embedded, tmp_path, work) == []


def test_who_comes_too_often_is_told_when_to_come_again(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(sender: Sender, _: Service) -> None:
        answers = [await sender.post(f"msg_{number}", BODY) for number in range(30)]
        late = [answer for answer in answers if answer.status == 429]
        assert len(late) > 20
        assert all(1 <= int(answer.headers["Retry-After"]) <= 10 for answer in late)

    assert 1 <= len(run(embedded, tmp_path, work, webhook_rate=0.5)) < 10


def test_a_partners_own_json_lies_on_its_topic_with_the_feed_that_takes_it(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    profile = text(MAP).replace("source:", "transport: webhook\n    source:") + "webhook: {secrets: [env:ACME_HOOK]}\n"

    async def work(sender: Sender, _: Service) -> None:
        assert (await sender.post("msg_1", b"[]", content_type="application/json")).status == 202

    (record,) = run(embedded, tmp_path, work, profile=profile)
    assert dict(record.headers)["content-type"] == b"application/json; feed=stock"


def test_nothing_is_answered_2xx_while_the_broker_is_away(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(embedded, tmp_path) as service, ClientSession() as session:
            sender = Sender(session, service.address)
            assert (await sender.post("msg_1", BODY)).status == 202
            await asyncio.to_thread(embedded.kill)
            answers = await asyncio.gather(*(sender.post(f"msg_{number}", BODY) for number in range(2, 12)))
            assert {(answer.status, answer.headers["Retry-After"]) for answer in answers} == {(503, "5")}
            assert (await sender.post("msg_1", BODY)).result == "known"

    asyncio.run(main())


def test_a_service_whose_keys_cannot_be_had_does_not_start(
    embedded: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_HOOK", "whsec_secret!")

    async def work(_: Sender, __: Service) -> None: ...

    with pytest.raises(
        SettingsError, match="webhook of acme: env:ACME_HOOK: what follows whsec_ is not base64"
    ) as refused:
        run(embedded, tmp_path, work, profile=PROFILE)
    assert "secret!" not in str(refused.value)


def test_without_keys_there_is_no_way_in(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    async def work(_: Sender, service: Service) -> None:
        async with ClientSession() as session, session.post(f"{service.address}/partners/acme/events") as answer:
            assert answer.status == 404

    assert run(embedded, tmp_path, work, profile=text(MAP)) == []
