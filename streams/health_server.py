"""The service's own port: /metrics for Prometheus; /healthz, /readyz and /livez for what runs it, and for people."""

import asyncio
from datetime import UTC, datetime

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine, text

from alerting.database import reading
from streams import metrics
from streams.health import Vitals

PROBE_EVERY_SECONDS = 5.0
STOP_WITHIN_SECONDS = 2.0


class HealthServer:
    """Answers on `host:port` (0: any free one) while started. It tells no lot, no stock and no partner's record."""

    def __init__(self, vitals: Vitals, *, host: str = "127.0.0.1", port: int = 8321) -> None:
        self._vitals, self._host, self._port = vitals, host, port
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Begin to answer; returns the address as `http://host:port`. Raises OSError when the port is taken."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/livez", self._livez),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self.stop()
            raise
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def stop(self) -> None:
        """Stop answering. Stopping again does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        self._vitals.publish(datetime.now(UTC))
        return web.Response(body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"up": True})

    async def _readyz(self, _: web.Request) -> web.Response:
        readiness = self._vitals.readiness(datetime.now(UTC))
        return web.json_response(readiness._asdict(), status=200 if readiness.ready else 503)

    async def _livez(self, _: web.Request) -> web.Response:
        liveness = self._vitals.liveness(datetime.now(UTC))
        return web.json_response(liveness._asdict(), status=200 if liveness.alive else 503)


async def watch_database(engine: Engine, vitals: Vitals) -> None:
    """Ask the database every few seconds whether it is there, until cancelled."""
    while True:
        up = await asyncio.to_thread(_answers, engine)
        vitals.database(up, datetime.now(UTC))
        await asyncio.sleep(PROBE_EVERY_SECONDS)


def _answers(engine: Engine) -> bool:
    try:
        with reading(engine) as connection:
            return connection.execute(text("select 1")).scalar_one() == 1
    except Exception:  # whatever a driver raises means the same here: it did not answer
        return False
