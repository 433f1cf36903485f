"""How fast messages go out, how long one may take, and when a failed one is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The times of a dispatcher. `at_once` is how many messages go to one receiver at the same time.

    A message that failed is tried again after a random time of up to `first_wait_seconds`, doubled with each attempt
    up to `longest_wait_seconds`; after `most_attempts` it is given up, or after `attempts_before_fallback` when there is
    another contact to try. `hold_digest_seconds`: how long a digest waits that may have arrived. `homeless_seconds`: how
    long messages wait for a contact that is not configured, since the file that names it may be read a little later here
    than elsewhere. `tidy_seconds`: how often what is not a claim is looked after.
    """

    send_seconds: float = 10.0
    lease_seconds: float = 60.0
    poll_seconds: float = 0.5
    at_once: int = 8
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 300.0
    most_attempts: int = 300
    attempts_before_fallback: int = 6
    hold_digest_seconds: float = 3600.0
    homeless_seconds: float = 60.0
    tidy_seconds: float = 5.0
    stop_seconds: float = 5.0

    def __post_init__(self) -> None:
        if self.lease_seconds < 2 * self.send_seconds:
            raise ValueError(
                f"a lease of {self.lease_seconds} s is too short for sendings of up to {self.send_seconds} s: "
                "another dispatcher would send the message again; make it twice as long at least"
            )

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def hold_digest(self) -> timedelta:
        return timedelta(seconds=self.hold_digest_seconds)

    def wait(self, attempts: int, chance: float) -> timedelta:
        """How long to wait after so many attempts; `chance` from 0 to 1 (full jitter: no two come back together)."""
        longest = min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** min(attempts - 1, 30))
        return timedelta(seconds=longest * chance)
