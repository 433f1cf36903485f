"""Asks the database every few seconds whether it is there."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from alerting.database import reading
from streams.health import Vitals

PROBE_EVERY_SECONDS = 5.0


async def watch_database(engine: Engine, vitals: Vitals) -> None:
    """Tell the vitals, until cancelled."""
    while True:
        up = await asyncio.to_thread(_answers, engine)
        vitals.database(up, datetime.now(UTC))
        await asyncio.sleep(PROBE_EVERY_SECONDS)


def _answers(engine: Engine) -> bool:
    try:
        with reading(engine) as connection:
            return connection.execute(text("select 1")).scalar_one() == 1
    except Exception:  # whatever a driver raises means the same here: it did not answer
        return False
