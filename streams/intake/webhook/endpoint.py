"""`POST /partners/{partner}/events`: what a partner sends, taken in only when it is signed and safely in Kafka.

202 means that all replicas have it. Every other answer means: keep it and send it again (`Retry-After` says when), or
mend it first (401, 413, 415). Nothing tells a stranger which partners there are.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from time import monotonic
from typing import Final, NamedTuple

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from streams import metrics
from streams.intake.profile import Profile
from streams.intake.webhook.content import LARGEST_BODY, NotTaken, records
from streams.intake.webhook.inbox import Away, Full, Inbox
from streams.intake.webhook.keyring import KeyringSource
from streams.intake.webhook.rate import Bucket
from streams.intake.webhook.signature import Signed

log = structlog.get_logger(__name__)

BODY_SECONDS: Final = 20.0
"""A body must be there by then."""
MOST_BODIES: Final = 256
"""At once in memory before they are known to be a partner's: 256 MiB at most."""
SMALL: Final = 16 * 1024
"""Bytes that are taken apart at once; a large table would keep the others waiting."""
STRANGER: Final = ""
"""The label of requests that are nobody's."""


class Answer(NamedTuple):
    """What a request is answered. `retry_after` in seconds."""

    status: int
    word: str
    message: str
    retry_after: int | None = None


TOO_LARGE = Answer(413, "too_large", f"A body has at most {LARGEST_BODY} bytes: send fewer events at a time")
SLOW = Answer(408, "slow", f"The body was not there within {BODY_SECONDS:.0f} seconds")
GONE = Answer(400, "gone", "The connection ended within the body")
BUSY = Answer(429, "busy", "Too much is under way", 1)
NOT_SIGNED = Answer(401, "not_signed", "The request bears no valid signature for this address, or its timestamp is off")
AWAY = Answer(503, "away", "It could not be stored for now. Send it again, under the same webhook-id", 5)
UNSIGNED_ATTRIBUTES = Answer(
    415, "not_taken", "Attributes in ce- headers are not signed: send the event whole, as application/cloudevents+json"
)


class Webhooks:
    """Takes in what partners send. `profiles` is asked at each request, `clock` for the time of day."""

    def __init__(
        self,
        keyring: KeyringSource,
        profiles: Callable[[], Mapping[str, Profile]],
        inbox: Inbox,
        *,
        per_second: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._keyring = keyring
        self._profiles = profiles
        self._inbox = inbox
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._bodies = 0

    async def open(self) -> None:
        """Raises `KafkaError` when the broker does not answer."""
        await self._inbox.open()

    async def close(self) -> None:
        """What is under way comes to its end."""
        await self._inbox.close()

    @property
    def router(self) -> APIRouter:
        """The way in."""
        router = APIRouter()

        @router.post("/partners/{partner}/events")
        async def take(partner: str, request: Request) -> Response:
            began = monotonic()
            answer, whose = await self._answer(partner, request)
            metrics.webhook_requests.labels(whose, answer.word).inc()
            metrics.webhook_seconds.labels(whose).observe(monotonic() - began)
            headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
            return JSONResponse({"result": answer.word, "message": answer.message}, answer.status, headers)

        return router

    async def _answer(self, partner: str, request: Request) -> tuple[Answer, str]:
        """The answer, and the partner whose request it is; nobody's until the signature is checked."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > LARGEST_BODY:
            return TOO_LARGE, STRANGER
        if self._bodies >= MOST_BODIES:
            return BUSY, STRANGER
        self._bodies += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return SLOW, STRANGER
        except ClientDisconnect:
            return GONE, STRANGER
        finally:
            self._bodies -= 1
        if body is None:
            return TOO_LARGE, STRANGER
        signed = _signed(request)
        if not self._keyring.current.is_of(partner, signed, body, self._clock()):
            return NOT_SIGNED, STRANGER
        return await self._keep(partner, signed.id, request, body), partner

    async def _keep(self, partner: str, message_id: str, request: Request, body: bytes) -> Answer:
        if any(name.startswith("ce-") for name in request.headers):
            return UNSIGNED_ATTRIBUTES
        profile, content_type = self._profiles().get(partner), request.headers.get("content-type", "")
        try:
            if len(body) <= SMALL:
                found = records(profile, content_type, message_id, body)
            else:
                found = await asyncio.to_thread(records, profile, content_type, message_id, body)
        except NotTaken as refusal:
            return Answer(415, "not_taken", str(refusal))
        bucket = self._buckets.setdefault(partner, Bucket(self._per_second))
        if (wait := bucket.wait(monotonic())) > 0:
            return Answer(429, "too_often", f"At most {self._per_second:g} requests a second are taken", ceil(wait))
        try:
            new = await self._inbox.keep(partner, message_id, body, found)
        except Full:
            return BUSY
        except Away:
            log.warning("a webhook could not be stored", partner=partner, webhook_id=message_id)
            return AWAY
        return Answer(202, "kept" if new else "known", "It is stored" if new else "It was stored before")


def _signed(request: Request) -> Signed:
    headers = request.headers
    return Signed(*(headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")))


async def _body(request: Request) -> bytes | None:
    """The body; None for one that is too large, whatever its headers said."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)
