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
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from streams.demo.feeds import Said, said
from streams.feeder import Feeder
from streams.simulation.deliveries import Delivery, Dropped, Posted, Record, on_the_topic, partners_profiles
from streams.topics import inbound

TRIES: Final = 5
SENDERS: Final = 4
"""Connections by which requests are posted at the same time."""

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
        """Send all. What goes one way keeps its order on topics; what goes several ways may overtake, as in life.

        Topics are written last and at once, so that intake and ledger find a day in few batches.
        """
        all_of_them = list(deliveries)
        for one in all_of_them:
            self.told.setdefault(one.partner, Counter())[said(one)] += 1
        requests = [one for one in all_of_them if isinstance(one, Posted)]
        await self._drop([one for one in all_of_them if isinstance(one, Dropped)])
        posted = await asyncio.gather(
            *(asyncio.to_thread(self._post, requests[first::SENDERS]) for first in range(min(SENDERS, len(requests))))
        )
        for kept, not_signed in posted:
            self._ends.update(kept)
            self.not_signed.update(not_signed)
        records = [one for one in all_of_them if isinstance(one, Record)]
        await self._feeder.send((one.partner, one.headers, one.key, one.value) for one in records)
        self._ends.update(one.partner for one in records)
        # Asked for the end of a topic, the embedded broker names too small a one: so it is counted here.
        self._feeder.expect({f"{inbound(partner)}/0": end for partner, end in self._ends.items()})

    def _post(self, requests: Sequence[Posted]) -> tuple[Counter[str], Counter[str]]:
        """How many records came of it, and how many requests were answered 401, by partner."""
        kept: Counter[str] = Counter()
        not_signed: Counter[str] = Counter()
        with closing(HTTPConnection(self._netloc, timeout=ANSWER_WITHIN_SECONDS)) as connection:
            for one in requests:
                status, result = self._answered(connection, one)
                if status == HTTPStatus.UNAUTHORIZED:
                    not_signed[one.partner] += 1
                elif status != HTTPStatus.ACCEPTED:
                    raise NotTakenError(f"a request of {one.partner} was answered {status}: {one.content_type}")
                elif result == "kept":
                    kept[one.partner] += len(on_the_topic(one))
        return kept, not_signed

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

    async def _drop(self, files: Sequence[Dropped]) -> None:
        """Written under another name first, so that none is seen half. Its records are awaited, not its move to `done`."""
        for file in files:
            unfinished = self._folder / file.partner / f"{file.name}.tmp"
            await asyncio.to_thread(unfinished.write_bytes, file.content)
            unfinished.rename(unfinished.with_suffix(""))
            records = len(on_the_topic(file))
            if not records:
                self.refused_files[file.partner] += 1
            if (file.partner, file.content) not in self._dropped:  # dropped again it is known, and not written again
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
