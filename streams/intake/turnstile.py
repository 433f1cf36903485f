"""The gates of the partners as one worker minds them: what it counts, what it remembers, and where it stands still."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from streams.intake.gate import Gate, IntakeGate, Stopped
from streams.intake.profile_file import Limits
from streams.intake.rejects import Rejects

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Passing:
    """The records of one batch on their way through. Where `limits` is None, nothing is counted."""

    rejects: Rejects
    limits: Limits | None
    _taken: int = 0

    def accepted(self) -> None:
        """A record was taken."""
        self._taken += 1

    def refused(self) -> str | None:
        """A record was refused. Gives why nothing may follow it, if so."""
        self.settle()
        return None if self.limits is None else self.rejects.refused(self.limits)

    def settle(self) -> None:
        """Bring the counts up to date."""
        if self.limits is not None:
            self.rejects.accepted(self._taken, self.limits)
        self._taken = 0


class Turnstile:
    """Asks the database at the first batch of a partner, and again while its feed stands still; else only tells it.

    While the database is away an open feed goes on, and one that must stop stands still: it is stored later.
    """

    def __init__(self, gate: IntakeGate) -> None:
        self._gate = gate
        self._known: dict[str, Gate] = {}
        self._unstored: dict[str, str] = {}
        """By partner, why it was stopped here and nobody else knows yet."""

    def forget(self, partner: str) -> None:
        """Another worker may have had the partner's topic meanwhile: ask anew."""
        if partner not in self._unstored:
            self._known.pop(partner, None)

    async def enter(self, partner: str) -> Passing | Stopped:
        """For a batch of the partner's records. Raises what the database raises."""
        if (why := self._unstored.get(partner)) is not None:
            return await self._store_stop(partner, why)
        known = self._known.get(partner)
        if known is None or known.stopped is not None:
            known = self._known[partner] = await asyncio.to_thread(self._gate.look, partner)
        if known.stopped is not None:
            return known.stopped
        own = Rejects(known.rejects.consecutive, known.rejects.recent)  # given up with the batch, if that fails
        return Passing(own, self._gate.limits(partner, known))

    async def leave(self, partner: str, passing: Passing) -> None:
        """The batch is through."""
        passing.settle()
        known = self._known[partner]
        if passing.rejects == known.rejects:
            return
        self._known[partner] = known._replace(rejects=passing.rejects)
        try:
            await asyncio.to_thread(self._gate.keep, partner, passing.rejects)
        except DBAPIError as away:
            log.warning("refusals are counted in memory only", partner=partner, error=str(away)[:300])

    async def stop(self, partner: str, passing: Passing, why: str) -> None:
        """What came so far is through; nothing else is."""
        self._known[partner] = self._known[partner]._replace(rejects=passing.rejects)
        self._unstored[partner] = why
        log.error("the intake of a partner has stopped", partner=partner, why=why)
        try:
            await self._store_stop(partner, why)
        except DBAPIError as away:
            log.warning("that it has stopped is known here only", partner=partner, error=str(away)[:300])

    async def _store_stop(self, partner: str, why: str) -> Stopped:
        known = self._known[partner]
        stopped = await asyncio.to_thread(self._gate.stop, partner, known.rejects, why)
        self._known[partner] = known._replace(stopped=stopped)
        del self._unstored[partner]
        return stopped
