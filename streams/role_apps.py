"""The Faust apps of the roles that read the stream: kept running, whatever the broker does."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from streams.credentials import credentials
from streams.health import Vitals
from streams.lanes import Agent, Limits, Watch
from streams.progress import Progress
from streams.roles import Role
from streams.settings import Settings
from streams.transport import BatchApp

log = structlog.get_logger(__name__)

RESTART_SECONDS = 1.0


def group(settings: Settings, role: Role) -> str:
    """The consumer group of a role."""
    return f"{settings.instance}-{role}"


class RoleApps:
    """Runs agents by topic. `stopping` is set before the tasks of a stop are cancelled."""

    def __init__(self, settings: Settings, bootstrap: str, vitals: Vitals, stopping: asyncio.Event) -> None:
        self._settings = settings
        self._bootstrap = bootstrap
        self._vitals = vitals
        self._stopping = stopping

    async def keep_running(self, role: Role, agents: Mapping[str, Agent], watch: Watch | None = None) -> None:
        """Run the Faust app of a role; when it crashes (the broker was away for long), begin with a new one.

        A role with a `watch` of its own is no matter of health: neither readiness nor liveness hangs on it.
        """
        while True:
            app = self._app(role, agents, watch)
            error: BaseException | None = None
            try:
                await app.start()
                await app.wait_until_stopped()
            except KafkaError as away:
                error = away
            finally:
                with suppress(Exception):
                    await app.stop()
                self._vitals.left(group(self._settings, role))
            if self._stopping.is_set():
                return
            log.error("the stream broke down and starts anew", role=role, error=repr(error or app.crash_reason))
            await asyncio.sleep(RESTART_SECONDS)

    def _app(self, role: Role, agents: Mapping[str, Agent], watch: Watch | None) -> BatchApp:
        settings, name = self._settings, group(self._settings, role)
        limits = Limits(settings.batch_records, settings.batch_records * settings.batches_in_memory)
        session = 6.0 if settings.kafka_is_embedded else settings.session_seconds  # joining there takes half of it
        options: dict[str, Any] = {
            "broker_session_timeout": session,
            "broker_heartbeat_interval": min(3.0, session / 6),
        }
        if settings.worker is not None and not settings.kafka_is_embedded:
            options["consumer_group_instance_id"] = settings.worker
        if (known := credentials(settings)) is not None:
            options["broker_credentials"] = known
        app = BatchApp(
            name, agents=dict(agents), watch=watch or Progress(self._vitals), limits=limits,
            broker=[f"kafka://{server.strip()}" for server in self._bootstrap.split(",")], **options,
        )  # fmt: skip
        if watch is None:
            app.lanes.tell(lambda partitions: self._vitals.assigned(name, partitions, datetime.now(UTC)))
        return app
