"""Takes the messages that wait and sends them, however often databases, services and dispatchers go away meanwhile."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerting.configuration.configuration import Configuration
from alerting.delivery import turns
from alerting.delivery.directory import directory
from alerting.delivery.fates import Delivery, Fate
from alerting.delivery.lane import Lane, LeaseTooShortError
from alerting.delivery.lanes import Lanes
from alerting.delivery.outbox import Claim, Mark
from alerting.delivery.pace import Pace
from alerting.delivery.readdressing import Stranger
from alerting.delivery.settling import cancelled, given_back, settle
from alerting.delivery.turns import Turn
from alerting.wording.single import as_possible_repeat

log = structlog.stdlib.get_logger()

LONGEST_WAIT_FOR_DATABASE_SECONDS = 10.0


class Observer(Protocol):
    """Told of each attempt: the kind of channel, what came of it, and of a sent one the seconds since its event."""

    def __call__(self, channel: str, result: str, seconds: float | None) -> None: ...


def unobserved(channel: str, result: str, seconds: float | None) -> None:
    """For a dispatcher that nobody measures."""


class Dispatcher:
    """Sends what waits in the outbox to the channels, one lane for each contact so that none holds up another.

    `configuration` gives what is in force; it is asked in each round. `run` goes on until it is cancelled or `stop`
    is called; either way what has begun is ended and what has not is given back. `wake` it after a commit that wrote
    messages; what other processes write is found by polling. Several dispatchers may share a database.

    Raises `AddressError` at once when addresses cannot be used; of a later configuration it only logs them.
    """

    def __init__(
        self,
        engine: Engine,
        configuration: Callable[[], Configuration],
        environment: Mapping[str, str],
        *,
        pace: Pace | None = None,
        observe: Observer = unobserved,
    ) -> None:
        self._engine = engine
        self._ask = configuration
        self._pace = pace or Pace()
        self._observe = observe
        self._given = configuration()
        self._lanes = Lanes(self._given.contacts, environment, self._pace)
        self._directory = directory(self._given)
        self._homeless: dict[Stranger, float] = {}
        self._tidied_at = float("-inf")
        self._sending: set[asyncio.Task[None]] = set()
        self._marks: list[Mark] = []
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """There may be something to send. To be called in the dispatcher's event loop."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Send until stopped. A database that is away is waited for."""
        failures = 0
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                try:
                    busy = await self._round()
                    failures = 0
                except SQLAlchemyError as error:
                    if failures == 0:
                        log.warning("the database is away, messages wait", error=type(error).__name__)
                    failures += 1
                    await self._rest(min(LONGEST_WAIT_FOR_DATABASE_SECONDS, 0.25 * 2.0 ** min(failures, 10)))
                    continue
                if not busy and not self._marks:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), self._next_look_seconds())
        finally:
            await self._finish()

    async def _round(self) -> bool:
        """Whether anything was claimed."""
        self._follow()
        await self._write_marks()
        if time.monotonic() - self._tidied_at >= self._pace.tidy_seconds:
            await self._tidy()
            self._tidied_at = time.monotonic()
        return await self._claim_and_send()

    def _follow(self) -> None:
        """Whom messages can reach now. A contact whose address cannot be used is as good as none."""
        given = self._ask()
        if given is not self._given:
            self._given = given
            self._lanes.follow(given.contacts)
            usable = {name: contact for name, contact in given.contacts.items() if name in self._lanes}
            self._directory = replace(directory(given), contacts=usable)

    async def _claim_and_send(self) -> bool:
        if not (room := self._lanes.room()):
            return False
        now = datetime.now(UTC)
        lanes = {name: self._lanes[name] for name in room}
        claimed = await asyncio.to_thread(turns.claim, self._engine, room, lanes, self._pace, now)
        self._marks += [cancelled(one, now, why) for one, why in claimed.needless]
        for contact, until in claimed.shut.items():
            lanes[contact].shut((until - now).total_seconds())
        for turn in claimed.turns:
            lane = lanes[turn.claim.contact]
            lane.book(1)
            if lane.gap is not None:
                lane.shut((turn.begins_at - now + lane.gap).total_seconds())
            task = asyncio.create_task(self._send(lane, turn))
            self._sending.add(task)
            task.add_done_callback(self._sent)
        return bool(claimed.turns or claimed.needless)

    async def _send(self, lane: Lane, turn: Turn) -> None:
        """Send one claim and note what came of it."""
        claim = turn.claim
        try:
            await lane.turn(max(0.0, (turn.begins_at - datetime.now(UTC)).total_seconds()))
        except asyncio.CancelledError:
            self._marks.append(given_back(claim, datetime.now(UTC)))
            raise
        told = claim.message
        if claim.possible_repeat:
            told = as_possible_repeat(told, self._directory.reader(claim.receiver))
        try:
            delivery = await lane.send(claim, told, within_seconds=self._pace.send_seconds)
        except asyncio.CancelledError:
            self._note(lane, claim, Delivery(Fate.UNKNOWN, "stopped while sending"))
            raise
        except LeaseTooShortError:
            self._marks.append(given_back(claim, datetime.now(UTC)))
            return
        except Exception as error:  # of a plugin: not of this message alone, and no reason to stop
            delivery = Delivery(Fate.UNKNOWN, f"the channel broke down: {type(error).__name__}")
        self._note(lane, claim, delivery)

    def _note(self, lane: Lane, claim: Claim, delivery: Delivery) -> None:
        now = datetime.now(UTC)
        chance = random.random()  # noqa: S311 - no secret
        mark = settle(claim, delivery, now, self._pace, chance, lane.channel.address_id or None)
        self._marks.append(mark)
        if delivery.retry_after is not None:
            lane.shut(delivery.retry_after.total_seconds())
        sent = delivery.fate is Fate.SENT
        self._observe(lane.channel.scheme, mark.state.value, (now - claim.since).total_seconds() if sent else None)
        if not sent:
            log.warning(
                "message not delivered", message_id=claim.id, alert=claim.alert_id, receiver=claim.receiver,
                contact=claim.contact, state=mark.state.value, result=delivery.detail, attempts=claim.attempts,
            )  # fmt: skip

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._woken.set()

    async def _write_marks(self) -> None:
        """Write down what has come of claims; kept for the next time when the database is away."""
        if not self._marks:
            return
        marks = list(self._marks)
        written = await asyncio.to_thread(turns.mark, self._engine, marks, self._directory)
        del self._marks[: len(marks)]
        if written < len(marks):
            log.warning("leases were lost before their messages were marked", messages=len(marks) - written)

    async def _tidy(self) -> None:
        """Look after messages that have nowhere to go. Others may know of a contact a little earlier than we do."""
        found = await asyncio.to_thread(turns.strangers, self._engine, self._directory)
        now = time.monotonic()
        self._homeless = {one: self._homeless.get(one, now) for one in found}
        waited = [
            one
            for one, since in self._homeless.items()
            if now - since >= self._pace.homeless_seconds
            or (one.contact is None and one.receiver in self._directory.receivers)
        ]
        await asyncio.to_thread(turns.tidy, self._engine, waited, self._directory, datetime.now(UTC))

    def _next_look_seconds(self) -> float:
        """Until the next look into the outbox: the poll, or sooner when the rate of a lane allows."""
        opens_in = self._lanes.opens_in()
        return self._pace.poll_seconds if opens_in is None else min(self._pace.poll_seconds, opens_in)

    async def _rest(self, seconds: float) -> None:
        """Wait, though not when it is time to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _finish(self) -> None:
        """End what has begun, for as long as stopping may take; give back the rest, and write it all down."""
        if self._sending:
            _, left = await asyncio.wait(self._sending, timeout=self._pace.stop_seconds)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        self._lanes.close()
        try:
            await asyncio.wait_for(self._write_marks(), self._pace.stop_seconds)
        except (SQLAlchemyError, TimeoutError):
            log.warning("the database is away: messages may be sent again by the next dispatcher, marked as such")
