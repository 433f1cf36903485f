"""The service's own port: /metrics for Prometheus; /healthz, /readyz and /livez for what runs it; pages for people."""

import asyncio
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams import metrics
from streams.health import Vitals

STOP_WITHIN_SECONDS = 2
BACKLOG = 128


def health(vitals: Vitals) -> APIRouter:
    """What tells of the service itself, and of no lot, no stock and no partner's record."""
    router = APIRouter()

    @router.get("/metrics")
    async def measured() -> Response:
        vitals.publish(datetime.now(UTC))
        return Response(generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @router.get("/healthz")
    async def up() -> JSONResponse:
        return JSONResponse({"up": True})

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        readiness = vitals.readiness(datetime.now(UTC))
        return JSONResponse(readiness._asdict(), 200 if readiness.ready else 503)

    @router.get("/livez")
    async def alive() -> JSONResponse:
        liveness = vitals.liveness(datetime.now(UTC))
        return JSONResponse(liveness._asdict(), 200 if liveness.alive else 503)

    return router


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """The service has its own way to end; this one must not take the signals from it."""
        yield


class WebServer:
    """Answers on `host:port` (0: any free one) while started."""

    def __init__(self, routers: Sequence[APIRouter], *, host: str = "127.0.0.1", port: int = 8321) -> None:
        app = FastAPI(title="Bellwether", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        for router in routers:
            app.include_router(router)
        self._host, self._port = host, port
        self._server = _Server(
            uvicorn.Config(
                app, access_log=False, log_config=None, lifespan="off", server_header=False,
                timeout_graceful_shutdown=STOP_WITHIN_SECONDS,
            )
        )  # fmt: skip
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Begin to answer; returns the address as `http://host:port`. Raises OSError when the port is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.create_server((self._host, self._port), family=family, backlog=BACKLOG)
        host, port = listening.getsockname()[:2]  # it listens from now on: who asks before we serve waits a moment
        self._serving = asyncio.create_task(self._server.serve([listening]), name="web server")
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def stop(self) -> None:
        """Stop answering. Stopping again does nothing."""
        serving, self._serving = self._serving, None
        if serving is not None:
            self._server.should_exit = True
            await serving
