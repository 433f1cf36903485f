"""Keeps the desk at work beside the dispatcher: after each commit that wrote news, and every half a second anyway."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from alerting.desk.desk import Desk

log = structlog.stdlib.get_logger()

POLL_SECONDS = 0.5
LONGEST_WAIT_FOR_DATABASE_SECONDS = 10.0


class Rounds:
    """`run` goes on until it is cancelled or `stop` is called. `wake` it when there are news; what other processes write,
    and what is due, is found by polling. `wrote_messages` is called after a round that made some.
    """

    def __init__(self, desk: Desk, wrote_messages: Callable[[], None]) -> None:
        self._desk = desk
        self._wrote_messages = wrote_messages
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something to take. To be called in the event loop that runs the rounds."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` come to its end after the round under way."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until stopped. A database that is away is waited for."""
        failures = 0
        while not self._stopping:
            self._woken.clear()
            try:
                worked = await asyncio.to_thread(self._desk.work, datetime.now(UTC))
            except SQLAlchemyError as error:
                if failures == 0:
                    log.warning("the database is away, alerts wait", error=type(error).__name__)
                failures += 1
                await self._rest(min(LONGEST_WAIT_FOR_DATABASE_SECONDS, 0.25 * 2.0 ** min(failures, 10)))
                continue
            failures = 0
            if worked.messages:
                self._wrote_messages()
            if not worked.more:
                await self._rest(POLL_SECONDS)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
