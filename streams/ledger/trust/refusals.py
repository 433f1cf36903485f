"""How many of each partner's last records the intake refused, as its gate has them in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select

from alerting.database import reading
from streams.intake.tables import intake_gate
from streams.ledger.trust.seen import Counted

LOOK_EVERY: Final = timedelta(minutes=1)
AMONG: Final = (64, 256, 1000)
"""Records. The few tell soon, the many tell what is rare."""


class Refusals:
    """By partner. A record that is refused names no site that could be believed: it counts for all sites of its partner."""

    def __init__(self) -> None:
        self._of: dict[str, list[Counted]] = {}
        self._looked_at: datetime | None = None

    def follow(self, engine: Engine, now: datetime) -> set[str]:
        """Look at the database, once a minute at most. Gives the partners of which more or less was refused since."""
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + LOOK_EVERY:
            return set()
        with reading(engine) as connection:
            rows = connection.execute(select(intake_gate.c.partner, intake_gate.c.recent)).all()
        before, self._of = self._of, {partner: counted(recent) for partner, recent in rows}
        self._looked_at = now
        return {partner for partner, found in self._of.items() if found != before.get(partner, [])}

    def of(self, partner: str) -> Sequence[Counted]:
        """So many of the last so many records; [] where none was refused lately."""
        return self._of.get(partner, ())


def counted(recent: bytes) -> list[Counted]:
    """From a bit for each of the last records, the newest lowest; 1 stands for a refused one."""
    bits = int.from_bytes(recent)
    return [((bits & (1 << among) - 1).bit_count(), among) for among in AMONG] if bits else []
