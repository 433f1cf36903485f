"""The product's ledger, run as its user would: python -m tests.benchmarks.ours BROKER EVENTS GROUP FOLDER DATABASE RULES.

RULES is `three` (three_rules.yaml) or `whole` (the rulebook that ships). The clock starts at the first position seen in the
database, and what had been counted by then is not counted as work.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, func, select

from alerting.database import connect, reading
from streams import schema
from streams.ledger.tables import lot, stream_position

THREE_RULES = Path(__file__).with_name("three_rules.yaml")
POLL_SECONDS = 0.02


def counted(engine: Engine) -> int:
    """Events whose effect is committed."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.coalesce(func.sum(stream_position.c.next_offset), 0))).scalar_one())


def wait(engine: Engine, service: subprocess.Popen[bytes], events: int) -> tuple[int, float]:
    """The first `events` or more seen committed, and when. Raises RuntimeError if the service ended before."""
    while (done := counted(engine)) < events:
        if service.poll() is not None:
            raise RuntimeError(f"bellwether up ended with {service.returncode} after {done} events")
        time.sleep(POLL_SECONDS)
    return done, time.perf_counter()


def main(broker: str, events: int, group: str, folder: str, database: str, rules: str) -> None:
    engine = connect(database)
    schema.upgrade(engine)
    told = {"KAFKA": broker, "DATABASE": database, "INSTANCE": group, "HTTP_PORT": "0"}
    if rules == "three":
        told["RULEBOOKS"] = str(THREE_RULES)
    environment = {**os.environ, **{f"BELLWETHER_{name}": value for name, value in told.items()}}
    command = [str(Path(sys.executable).with_name("bellwether")), "up", "--role", "ledger"]
    service = subprocess.Popen(command, env=environment, cwd=folder, stdout=sys.stderr)
    try:
        first, began = wait(engine, service, 1)
        _, ended = wait(engine, service, events)
        with reading(engine) as connection:
            count = select(func.count(), func.coalesce(func.sum(lot.c.score), 0), func.sum(lot.c.events))
            lots, score, folded = connection.execute(count).one()
    finally:
        service.terminate()
        service.wait(30)
    if folded != events:
        raise RuntimeError(f"the lots rest on {folded} events instead of {events}")
    # The work after the first sight of a position, stretched to the whole: starting the process is nobody's throughput.
    seconds = (ended - began) * events / (events - first)
    print("RESULT", json.dumps({"seconds": seconds, "events": events, "lots": lots, "score": round(score)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
