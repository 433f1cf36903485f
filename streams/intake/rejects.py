"""The refusals among the last records of one partner, and whether they are too many. Pure."""

from dataclasses import dataclass

from streams.intake.profile_file import Limits


@dataclass(slots=True)
class Rejects:
    """`consecutive`: refused ones in a row, up to now. `recent`: a bit for each of the last records, the newest lowest; 1
    stands for a refused one. It holds as many as the limits in use look at."""

    consecutive: int = 0
    recent: int = 0

    def accepted(self, records: int, limits: Limits) -> None:
        """So many records in a row were taken."""
        if records:
            self.consecutive = 0
            kept = max(limits.among - records, 0)  # of those before; cut first, so that nothing grows
            self.recent = (self.recent & ((1 << kept) - 1)) << min(records, limits.among)

    def refused(self, limits: Limits) -> str | None:
        """A record was refused. Gives in words why that is one too many, if it is."""
        self.consecutive += 1
        self.recent = ((self.recent << 1) | 1) & ((1 << limits.among) - 1)
        if self.consecutive >= limits.consecutive_rejects:
            return f"{self.consecutive} records in a row were refused (limit {limits.consecutive_rejects})"
        share = self.recent.bit_count() / limits.among
        if share > limits.rejected_share:
            return (
                f"{self.recent.bit_count()} of the last {limits.among} records were refused, more than "
                f"{limits.rejected_share:.0%} of them"
            )
        return None

    def packed(self) -> bytes:
        """`recent` as bytes, the oldest first."""
        return self.recent.to_bytes((self.recent.bit_length() + 7) // 8)
