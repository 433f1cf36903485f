"""A partner that sends signed webhooks, and a service that takes them."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import ClientSession

from streams.intake.webhook.signature import keys, sign
from streams.roles import Role
from streams.service import Service
from streams.settings import Settings
from streams.topics import wanted
from tests.servers import Broker

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NETWORK = "partners: {acme: {name: Acme, sites: {BSL: {name: Basel}}}, other: {name: Other, sites: {OTH: {name: Oth}}}}"
PROFILE = "partner: acme\nwebhook: {secrets: [env:ACME_HOOK]}\n"
EVENTS = "application/cloudevents+json"


class Answered(NamedTuple):
    status: int
    result: str
    message: str
    headers: Mapping[str, str]


@asynccontextmanager
async def serving(
    broker: Broker,
    folder: Path,
    *,
    profile: str = PROFILE,
    roles: frozenset[Role] = frozenset({Role.INTAKE}),
    **said: Any,
) -> AsyncIterator[Service]:
    """A service on the broker, whose topics are made."""
    broker.create({topic.name: topic.partitions for topic in wanted(["acme", "other"], partitions=4)})
    (folder / "network.yaml").write_text(NETWORK)
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "acme.yaml").write_text(profile)
    settings = Settings(
        kafka=broker.bootstrap if broker.durable else f"embedded@{broker.bootstrap}", http_port=0,
        network=folder / "network.yaml", profiles=(folder / "profiles",), database=f"sqlite:///{folder / 'db'}", **said,
    )  # fmt: skip
    service = Service(settings, roles)
    try:
        await service.start()
        yield service
    finally:
        await service.stop()


class Sender:
    """Sends to one service."""

    def __init__(self, session: ClientSession, address: str, secret: str = SECRET) -> None:
        self._session = session
        self._address = address
        self._secret = secret

    async def post(
        self, message_id: str, body: bytes, *, partner: str = "acme", content_type: str | None = EVENTS,
        at: float | None = None, **headers: str,
    ) -> Answered:  # fmt: skip
        """Signed now, or at some Unix time; `headers` with underscores for hyphens are added, or take the place of ours."""
        when = time.time() if at is None else at
        (secret,) = keys([self._secret]).secrets
        ours = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(when)),
            "webhook-signature": sign(secret, message_id, datetime.fromtimestamp(when, UTC), body),
            **({} if content_type is None else {"content-type": content_type}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = f"{self._address}/partners/{partner}/events"
        async with self._session.post(url, data=body, headers=ours, skip_auto_headers=["content-type"]) as answer:
            told = await answer.json()
            return Answered(answer.status, told["result"], told["message"], dict(answer.headers))
