"""The intake as an agent of the stream: at least once, from committed offsets, and a stopped partner's topic stands still."""

from collections.abc import Mapping

from streams.health import Vitals
from streams.intake.agent import Intake
from streams.intake.inbound import partner_of
from streams.intake.profile import Profile
from streams.intake.profile_file import Limits
from streams.lanes import Agent, Batch, Partition
from streams.settings import Settings


class IntakeAgent(Agent):
    """Hands batches to the intake, and tells health where it stands still."""

    def __init__(self, intake: Intake, vitals: Vitals) -> None:
        self._intake = intake
        self._vitals = vitals

    async def assigned(self, partition: Partition) -> None:
        self._intake.forget(partner_of(partition.topic))

    async def handle(self, batch: Batch) -> int | None:
        stands_at = await self._intake(batch)
        self._vitals.stopped(batch.topic, batch.partition, stands_at is not None)
        return stands_at


def limits_of(settings: Settings, profiles: Mapping[str, Profile], partner: str) -> Limits | None:
    """The limits of a partner's refused records. On the stream's clock history is lived again, whatever is in it, and nobody
    is there to let a feed go on: None."""
    if settings.clock == "stream":
        return None
    profile = profiles.get(partner)
    return Limits() if profile is None else profile.limits
