"""The partners' side of the demo: records written to Kafka, requests signed and posted, files dropped, each as in life."""

import asyncio
import base64
import hmac
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from streams.feeder import Feeder
from streams.simulation.deliveries import Delivery, Dropped, Posted, Record, partners_profiles

TRIES: Final = 5
AWAY_SECONDS: Final = 1.0
ANSWER_WITHIN_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.003
TAKEN_WITHIN_SECONDS: Final = 60.0


class NotTakenError(RuntimeError):
    """The service does not take what partners send: the message says what, and what it answered."""


class Senders:
    """Sends for all partners. `answers` counts what their requests were answered, by partner and status."""

    def __init__(self, feeder: Feeder, *, address: str, folder: Path, secrets: Mapping[str, str]) -> None:
        self._feeder = feeder
        self._netloc = urlsplit(address).netloc
        self._folder = folder
        self._secrets = secrets
        self.answers: Counter[tuple[str, int]] = Counter()

    async def send(self, deliveries: Iterable[Delivery]) -> None:
        """Send all; what is one partner's in its order. Returns when broker, webhook and folder have it."""
        by_partner: dict[str, list[Delivery]] = {}
        for one in deliveries:
            by_partner.setdefault(one.partner, []).append(one)
        await asyncio.gather(*(self._send(some) for some in by_partner.values()))

    async def _send(self, deliveries: Sequence[Delivery]) -> None:
        for _, some in groupby(deliveries, type):
            same = list(some)
            records = [(one.partner, one.headers, one.key, one.value) for one in same if isinstance(one, Record)]
            if records:
                await self._feeder.send(records)
            if requests := [one for one in same if isinstance(one, Posted)]:
                await asyncio.to_thread(self._post, requests)
            for one in same:
                if isinstance(one, Dropped):
                    await self._drop(one)

    def _post(self, requests: Sequence[Posted]) -> None:
        with closing(HTTPConnection(self._netloc, timeout=ANSWER_WITHIN_SECONDS)) as connection:
            for one in requests:
                status = self._answered(connection, one)
                if status not in (202, 401):
                    raise NotTakenError(f"a request of {one.partner} was answered {status}: {one.content_type}")
                self.answers[one.partner, status] += 1

    def _answered(self, connection: HTTPConnection, request: Posted) -> int:
        """The status in the end; who gets no answer, or is told to come again, does so under the same id. 0: never."""
        headers = signed(self._secrets[request.partner] if request.is_signed else new_secret(), request)
        status = 0
        for _ in range(TRIES):
            try:
                connection.request("POST", f"/partners/{request.partner}/events", request.body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):  # the service closes connections on which nothing comes for some seconds
                connection.close()
                continue
            status = answer.status
            if status not in (429, 503):
                break
            time.sleep(AWAY_SECONDS)
        return status

    async def _drop(self, file: Dropped) -> None:
        """Written under another name first, so that it is never seen half; returns when it was taken or refused."""
        folder = self._folder / file.partner
        unfinished, whole = folder / f"{file.name}.tmp", folder / file.name
        await asyncio.to_thread(unfinished.write_bytes, file.content)
        unfinished.rename(whole)
        give_up_at = time.monotonic() + TAKEN_WITHIN_SECONDS
        while whole.exists():
            if time.monotonic() > give_up_at:
                raise NotTakenError(f"{file.name} of {file.partner} still lies in the drop folder")
            await asyncio.sleep(LOOK_SECONDS)


def new_secret() -> str:
    """A secret for webhooks, as the specification of Standard Webhooks writes one."""
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def signed(secret: str, request: Posted) -> dict[str, str]:
    """The headers of a request, by Standard Webhooks 1.0.0."""
    timestamp = str(int(time.time()))
    content = f"{request.message_id}.{timestamp}.".encode() + request.body
    signature = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), content, "sha256")
    return {
        "content-type": request.content_type,
        "webhook-id": request.message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def place_keys() -> dict[str, str]:
    """New secrets of the partners that sign, by partner, put where their profiles say that the service finds them."""
    found: dict[str, str] = {}
    for partner, profile in partners_profiles().items():
        for reference in profile.said.webhook.secrets:
            found[partner] = os.environ[reference.removeprefix("env:")] = new_secret()
    return found
