"""Takes the messages that wait and sends them, however often databases, services and dispatchers go away meanwhile."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerting import outbox
from alerting.alerts import Transition
from alerting.channels import Channel, Delivery, Fate
from alerting.database import reading
from alerting.lane import Lane
from alerting.outbox import Claim, Mark, State
from alerting.pace import Pace
from alerting.texts import as_possible_repeat

log = structlog.stdlib.get_logger()

LONGEST_WAIT_FOR_DATABASE_SECONDS = 10.0


class Observer(Protocol):
    """Told of each attempt: the kind of channel, what came of it, and of a sent one the seconds since its event."""

    def __call__(self, channel: str, result: str, seconds: float | None) -> None: ...


def unobserved(channel: str, result: str, seconds: float | None) -> None:
    """For a dispatcher that nobody measures."""


class Dispatcher:
    """Sends what waits in the outbox to the channels, one lane for each receiver so that none holds up another.

    `run` goes on until it is cancelled or `stop` is called; either way what has begun is ended and what has not is
    given back. `wake` it after a commit that wrote messages; what other processes write is found by polling. Several
    dispatchers may share a database.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        pace: Pace | None = None,
        observe: Observer = unobserved,
    ) -> None:
        self._engine = engine
        self._pace = pace or Pace()
        self._observe = observe
        self._lanes = {name: Lane(channel, self._pace.at_once) for name, channel in channels.items()}
        self._unknown_receivers: set[str] = set()
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
                    await self._write_marks()
                    busy = await self._claim_and_send()
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

    async def _claim_and_send(self) -> bool:
        """One round: whether anything was claimed."""
        room = {name: count for name, lane in self._lanes.items() if (count := lane.room()) > 0}
        if not room:
            return False
        claims, needless = await asyncio.to_thread(self._claim, room)
        self._marks += [_cancelled(one) for one in needless]
        for receiver in {one.receiver for one in claims}:
            lane = self._lanes[receiver]
            own = [one for one in claims if one.receiver == receiver]
            for one, seconds in zip(own, lane.book(len(own)), strict=True):
                task = asyncio.create_task(self._send(lane, one, seconds))
                self._sending.add(task)
                task.add_done_callback(self._sent)
        return bool(claims or needless)

    def _claim(self, room: Mapping[str, int]) -> tuple[list[Claim], list[Claim]]:
        """New claims, and those among them that nobody needs. It looks before it takes: a look locks nobody out."""
        now = datetime.now(UTC)
        with reading(self._engine) as connection:
            waiting = outbox.receivers_waiting(connection, now)
        for receiver in sorted(waiting - self._lanes.keys() - self._unknown_receivers):
            log.error("messages wait for a receiver that is not configured here", receiver=receiver)
            self._unknown_receivers.add(receiver)
        if waiting.isdisjoint(room):
            return [], []
        claims: list[Claim] = []
        with self._engine.begin() as connection:
            for receiver in sorted(waiting & room.keys()):
                claims += outbox.claim(connection, receiver, room[receiver], now, self._pace.lease)
            needless = outbox.no_longer_needed(connection, claims)
        return [one for one in claims if one.id not in needless], [one for one in claims if one.id in needless]

    async def _send(self, lane: Lane, one: Claim, delay_seconds: float) -> None:
        """Send one claim and note what came of it."""
        try:
            await lane.turn(delay_seconds)
        except asyncio.CancelledError:
            self._marks.append(_given_back(one))
            raise
        told = as_possible_repeat(one.message) if one.possible_repeat else one.message
        resolved = one.transition is Transition.RESOLVED
        try:
            delivery = await lane.send(one, told, resolved=resolved, within_seconds=self._pace.send_seconds)
        except asyncio.CancelledError:
            self._note(lane.channel, one, Delivery(Fate.UNKNOWN, "stopped while sending"))
            raise
        except Exception as error:  # of a plugin: not of this message alone, and no reason to stop
            delivery = Delivery(Fate.UNKNOWN, f"the channel broke down: {type(error).__name__}")
        self._note(lane.channel, one, delivery)

    def _note(self, channel: Channel, one: Claim, delivery: Delivery) -> None:
        now = datetime.now(UTC)
        state, again_at = State(delivery.fate.value), now
        if delivery.fate in (Fate.UNKNOWN, Fate.FAILED):
            again_at = now + self._pace.wait(one.attempts, random.random())  # noqa: S311 - no secret
            if one.attempts >= self._pace.most_attempts:
                state = State.DEAD
        repeat = one.possible_repeat or delivery.fate is Fate.UNKNOWN
        self._marks.append(
            Mark(one, state, now, again_at, one.attempts, repeat, delivery.detail, channel.address_id or None)
        )
        sent = delivery.fate is Fate.SENT
        self._observe(channel.scheme, state.value, (now - one.since).total_seconds() if sent else None)
        if not sent:
            log.warning(
                "message not delivered", message_id=one.id, alert=one.alert_id, receiver=one.receiver,
                state=state.value, result=delivery.detail, attempts=one.attempts,
            )  # fmt: skip

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._woken.set()

    async def _write_marks(self) -> None:
        """Write down what has come of claims; kept for the next time when the database is away."""
        if not self._marks:
            return
        marks = list(self._marks)
        written = await asyncio.to_thread(self._mark, marks)
        del self._marks[: len(marks)]
        if written < len(marks):
            log.warning("leases were lost before their messages were marked", messages=len(marks) - written)

    def _mark(self, marks: list[Mark]) -> int:
        with self._engine.begin() as connection:
            return outbox.mark(connection, marks)

    def _next_look_seconds(self) -> float:
        """Until the next look into the outbox: the poll, or sooner when the rate of a lane allows."""
        opening = (lane.opens_in() for lane in self._lanes.values())
        return min([self._pace.poll_seconds, *(seconds for seconds in opening if seconds > 0)])

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
        for lane in self._lanes.values():
            lane.close()
        try:
            await asyncio.wait_for(self._write_marks(), self._pace.stop_seconds)
        except (SQLAlchemyError, TimeoutError):
            log.warning("the database is away: messages may be sent again by the next dispatcher, marked as such")


def _cancelled(one: Claim) -> Mark:
    now = datetime.now(UTC)
    why = "resolved before anybody was told"
    return Mark(one, State.CANCELLED, now, now, one.attempts - 1, one.possible_repeat, why, None)


def _given_back(one: Claim) -> Mark:
    """A claim that was never begun, for whoever comes next."""
    now = datetime.now(UTC)
    state = State.PENDING if one.attempts == 1 else State.FAILED
    return Mark(one, state, now, now, one.attempts - 1, one.possible_repeat, "given back", None)
