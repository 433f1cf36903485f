"""How fresh the partners' words are to be, as their profiles say it: for the ledger, in hours."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from streams.intake.profile import Profile
from streams.ledger.trust.watches import Agreed

HOUR = timedelta(hours=1)


class Agreements:
    """What the profiles in force say. The same object as long as they are the same: the ledger's processes are told of
    changes only."""

    def __init__(self, profiles: Callable[[], Mapping[str, Profile]]) -> None:
        self._profiles = profiles
        self._read: Mapping[str, Profile] | None = None
        self._agreed: Agreed = {}

    def __call__(self) -> Agreed:
        """By partner and family of events."""
        profiles = self._profiles()
        if profiles is not self._read:
            self._read, self._agreed = profiles, agreed(profiles)
        return self._agreed


def agreed(profiles: Mapping[str, Profile]) -> Agreed:
    """By partner and family, how many hours old the newest word may become."""
    return {
        partner: {family: age / HOUR for family, age in profile.expected.items()}
        for partner, profile in profiles.items()
        if profile.expected
    }
