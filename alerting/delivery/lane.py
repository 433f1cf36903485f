"""The way to one contact: its own threads, so that a slow service holds up nobody else."""

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from alerting.configuration.model import Contact
from alerting.delivery.channels import Channel, Parcel
from alerting.delivery.fates import Delivery, Fate
from alerting.delivery.outbox import Claim
from alerting.wording.single import Message

AHEAD_SECONDS = 0.5
"""How much of a channel's work is claimed at a time; what is claimed cannot be cancelled or sent by others."""

MOST_AHEAD = 64
QUICKER = 0.1
"""How much the latest sending counts in the time that one takes here."""


class LeaseTooShortError(Exception):
    """What is left of the lease would not do for a sending: another dispatcher may send the message meanwhile."""


class Lane:
    """Sends to one contact, `at_once` messages at a time."""

    def __init__(self, contact: Contact, channel: Channel, at_once: int) -> None:
        self.contact = contact
        self.channel = channel
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=f"send-{channel.scheme}")
        self._sending: list[Future[Delivery]] = []
        self._booked = 0
        self._opens_at = 0.0
        self._takes_seconds = 1.0

    @property
    def gap(self) -> timedelta | None:
        """Between two messages, over all dispatchers; None: there is no limit."""
        return None if self.channel.per_second is None else timedelta(seconds=1 / self.channel.per_second)

    @property
    def idle(self) -> bool:
        return self._booked == 0 and all(future.done() for future in self._sending)

    def room(self) -> int:
        """How many messages may be claimed now: none before there is room for many. Threads that hang take up room."""
        self._sending = [future for future in self._sending if not future.done()]
        taken = self._booked + len(self._sending)
        if time.monotonic() < self._opens_at:
            return 0
        if self.channel.per_second is not None:
            return max(0, min(self._at_once - taken, max(1, int(self.channel.per_second * AHEAD_SECONDS))))
        ahead = min(MOST_AHEAD, self._at_once + int(self._at_once * AHEAD_SECONDS / 2 / self._takes_seconds))
        room = ahead - taken
        return room if room * 2 >= ahead or taken < self._at_once else 0

    def opens_in(self) -> float:
        """Seconds until the service wants the next message; 0 when it does now."""
        return max(0.0, self._opens_at - time.monotonic())

    def shut(self, seconds: float) -> None:
        """Claim nothing for so long."""
        self._opens_at = max(self._opens_at, time.monotonic() + seconds)

    def book(self, count: int) -> None:
        """Take up room for `count` messages."""
        self._booked += count

    async def turn(self, seconds: float) -> None:
        """Wait for a booked message's turn. Cancelled here, it has not been sent."""
        try:
            await asyncio.sleep(seconds)
        finally:
            self._booked -= 1

    async def send(self, claim: Claim, message: Message, *, within_seconds: float) -> Delivery:
        """Send it. Whatever has no end in time may still arrive. Raises `LeaseTooShortError` when it was not begun."""
        parcel = Parcel(message=message, severity=claim.severity, resolved=claim.resolved, strand=claim.strand)
        begin_by = claim.lease_ends - timedelta(seconds=within_seconds)
        future = self._threads.submit(self._send, parcel, begin_by)
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
        self.channel.close()

    def _send(self, parcel: Parcel, begin_by: datetime) -> Delivery:
        if datetime.now(UTC) > begin_by:  # this process stood still since it claimed
            raise LeaseTooShortError
        began = time.monotonic()
        delivery = self.channel.send(parcel)
        self._takes_seconds += QUICKER * (time.monotonic() - began - self._takes_seconds)
        return delivery
