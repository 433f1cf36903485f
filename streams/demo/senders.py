"""The partners' side of the demo: records written to Kafka, requests signed and posted, files dropped, each as in life."""

import asyncio
import base64
import hmac
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from streams.demo.feeds import Said, said
from streams.feeder import Feeder
from streams.simulation.deliveries import Delivery, Dropped, Posted, Record, on_the_topic, partners_profiles
from streams.topics import inbound

TRIES: Final = 5
AWAY_SECONDS: Final = 1.0
ANSWER_WITHIN_SECONDS: Final = 30.0


class NotTakenError(RuntimeError):
    """The service does not take what partners send: the message says what, and what it answered."""


class Senders:
    """Sends for all partners, each of whose topics has one partition and is written by nobody else.

    `told` counts what was sent by partner, format and way; `not_signed` the requests that were answered 401, `refused_files`
    the files that nobody could open, by partner.
    """

    def __init__(self, feeder: Feeder, *, address: str, folder: Path, secrets: Mapping[str, str]) -> None:
        self._feeder = feeder
        self._netloc = urlsplit(address).netloc
        self._folder = folder
        self._secrets = secrets
        self._ends: Counter[str] = Counter()
        self._dropped: set[tuple[str, bytes]] = set()
        self.told: dict[str, Counter[Said]] = {}
        self.not_signed: Counter[str] = Counter()
        self.refused_files: Counter[str] = Counter()

    async def send(self, deliveries: Iterable[Delivery]) -> None:
        """Send all; what is one partner's in its order. Returns when broker, webhook and folder have it."""
        by_partner: dict[str, list[Delivery]] = {}
        for one in deliveries:
            by_partner.setdefault(one.partner, []).append(one)
        await asyncio.gather(*(self._send(some) for some in by_partner.values()))
        # Asked for the end of a topic, the embedded broker names too small a one: so it is counted here.
        self._feeder.expect({f"{inbound(partner)}/0": self._ends[partner] for partner in by_partner})

    async def _send(self, deliveries: Sequence[Delivery]) -> None:
        self.told.setdefault(deliveries[0].partner, Counter()).update(map(said, deliveries))
        for _, some in groupby(deliveries, type):
            same = list(some)
            records = [(one.partner, one.headers, one.key, one.value) for one in same if isinstance(one, Record)]
            if records:
                self._ends[same[0].partner] += await self._feeder.send(records)
            if requests := [one for one in same if isinstance(one, Posted)]:
                await asyncio.to_thread(self._post, requests)
            for one in same:
                if isinstance(one, Dropped):
                    await self._drop(one)

    def _post(self, requests: Sequence[Posted]) -> None:
        with closing(HTTPConnection(self._netloc, timeout=ANSWER_WITHIN_SECONDS)) as connection:
            for one in requests:
                status, result = self._answered(connection, one)
                if status == HTTPStatus.UNAUTHORIZED:
                    self.not_signed[one.partner] += 1
                elif status != HTTPStatus.ACCEPTED:
                    raise NotTakenError(f"a request of {one.partner} was answered {status}: {one.content_type}")
                elif result == "kept":
                    self._ends[one.partner] += len(on_the_topic(one))

    def _answered(self, connection: HTTPConnection, request: Posted) -> tuple[int, str]:
        """Status and result in the end; who gets no answer, or is told to come again, does so under the same id. 0: never."""
        headers = signed(self._secrets[request.partner] if request.is_signed else new_secret(), request)
        status, result = 0, ""
        for _ in range(TRIES):
            try:
                connection.request("POST", f"/partners/{request.partner}/events", request.body, headers)
                answer = connection.getresponse()
                status, result = answer.status, msgspec.json.decode(answer.read())["result"]
            except (OSError, HTTPException):  # the service closes connections on which nothing comes for some seconds
                connection.close()
                continue
            if status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
                break
            time.sleep(AWAY_SECONDS)
        return status, result

    async def _drop(self, file: Dropped) -> None:
        """Written under another name first, so that it is never seen half. Its records are awaited, not its move to `done`."""
        folder = self._folder / file.partner
        unfinished = folder / f"{file.name}.tmp"
        await asyncio.to_thread(unfinished.write_bytes, file.content)
        unfinished.rename(folder / file.name)
        records = len(on_the_topic(file))
        if not records:
            self.refused_files[file.partner] += 1
        if (file.partner, file.content) not in self._dropped:  # dropped again it is known, and nothing more is written
            self._dropped.add((file.partner, file.content))
            self._ends[file.partner] += records


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
