"""What the service answers on its own port."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

from streams.health import Vitals
from streams.web_server import WebServer, health


def ask(address: str, path: str) -> tuple[int, str]:
    try:
        with urlopen(address + path, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def answers(vitals: Vitals, *paths: str) -> list[tuple[int, str]]:
    server = WebServer([health(vitals)], port=0)
    address = await server.start()
    try:
        return [await asyncio.to_thread(ask, address, path) for path in paths]
    finally:
        await server.stop()


def test_a_fresh_worker_is_up_and_alive_but_not_ready_and_says_what_is_missing() -> None:
    vitals = Vitals(frozenset({"ledger"}))
    up, alive, ready = asyncio.run(answers(vitals, "/healthz", "/livez", "/readyz"))
    assert up == (200, '{"up":true}')
    assert alive[0] == 200
    assert ready[0] == 503
    assert json.loads(ready[1])["missing"] == [
        "group ledger has no assignment from Kafka yet",
        "the database was not asked yet",
    ]


def test_a_stuck_worker_fails_its_liveness_check() -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    vitals = Vitals(frozenset({"ledger"}), stalled_after=timedelta(minutes=2))
    vitals.assigned("ledger", [("events", 3)], long_ago)
    vitals.lag("events", 3, 9, long_ago)
    ((status, body),) = asyncio.run(answers(vitals, "/livez"))
    assert status == 503
    assert json.loads(body)["stuck"][0]["partition"] == "events/3"


def test_the_metrics_are_in_prometheus_text_format() -> None:
    ((status, body),) = asyncio.run(answers(Vitals(frozenset()), "/metrics"))
    assert status == 200
    assert "# TYPE bellwether_intake_to_verdict_seconds histogram" in body
