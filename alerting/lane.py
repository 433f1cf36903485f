"""The way to one receiver: its own threads and its own rate, so that a slow service holds up nobody else."""

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor

from alerting.channels import Channel, Delivery, Fate
from alerting.outbox import Claim
from alerting.texts import Message

CLAIMED_AHEAD_SECONDS = 0.5
"""How much of a slow channel's work is claimed at a time; what is claimed cannot be cancelled or sent by others."""


class Lane:
    """Sends to one channel, `at_once` messages at a time and no faster than the service behind it allows."""

    def __init__(self, channel: Channel, at_once: int) -> None:
        self.channel = channel
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=f"send-{channel.scheme}")
        self._sending: list[Future[Delivery]] = []
        self._booked = 0
        self._opens_at = 0.0

    def room(self) -> int:
        """How many messages may be claimed now. A thread that still hangs in a sending takes up room."""
        self._sending = [future for future in self._sending if not future.done()]
        free = self._at_once - self._booked - len(self._sending)
        if self.channel.per_second is None:
            return max(0, free)
        if time.monotonic() < self._opens_at:
            return 0
        return max(0, min(free, max(1, int(self.channel.per_second * CLAIMED_AHEAD_SECONDS))))

    def opens_in(self) -> float:
        """Seconds until the rate allows the next message; 0 when it does now."""
        return max(0.0, self._opens_at - time.monotonic())

    def book(self, count: int) -> list[float]:
        """Take up room for `count` messages: the seconds that each of them has to wait."""
        self._booked += count
        if self.channel.per_second is None:
            return [0.0] * count
        gap = 1 / self.channel.per_second
        self._opens_at = time.monotonic() + count * gap
        return [place * gap for place in range(count)]

    async def turn(self, seconds: float) -> None:
        """Wait for a booked message's turn. Cancelled here, it has not been sent."""
        try:
            await asyncio.sleep(seconds)
        finally:
            self._booked -= 1

    async def send(self, claim: Claim, message: Message, *, resolved: bool, within_seconds: float) -> Delivery:
        """Send it. Whatever has no end in time may still arrive."""
        future = self._threads.submit(
            self.channel.send, message, key=claim.id, severity=claim.severity, resolved=resolved
        )
        self._sending.append(future)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), within_seconds)
        except TimeoutError:
            if future.cancelled():
                return Delivery(Fate.FAILED, "earlier messages still hang in the channel")
            return Delivery(Fate.UNKNOWN, f"no answer within {within_seconds:g} s")

    def close(self) -> None:
        """No more messages. What hangs in a thread is left to its own time limits."""
        self._threads.shutdown(wait=False, cancel_futures=True)
