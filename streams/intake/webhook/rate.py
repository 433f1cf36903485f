"""How often a partner may come: a bucket of tokens that fills at its rate. Pure: the time is told."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """Holds what `burst_seconds` at the rate bring; each request takes one token. Times are seconds of one clock."""

    per_second: float
    burst_seconds: float = 2.0
    _tokens: float | None = None
    _at: float = 0.0

    def wait(self, now: float) -> float:
        """Takes a token and gives 0; else, how many seconds until there is one."""
        most = max(1.0, self.per_second * self.burst_seconds)
        there = most if self._tokens is None else min(most, self._tokens + max(0.0, now - self._at) * self.per_second)
        self._at = now
        if there >= 1:
            self._tokens = there - 1
            return 0.0
        self._tokens = there
        return (1 - there) / self.per_second
