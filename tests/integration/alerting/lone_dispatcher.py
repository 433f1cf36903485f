"""A dispatcher in a process of its own, for tests that kill it: `python -m … DATABASE_URL ADDRESS`."""

import asyncio
import sys

from alerting.channels import open_channels
from alerting.database import connect
from alerting.dispatch import Dispatcher
from alerting.pace import Pace
from alerting.receivers import Receiver, Routing

PACE = Pace(send_seconds=1, lease_seconds=2, poll_seconds=0.05, first_wait_seconds=0.05)


def main(database_url: str, address: str) -> None:
    channels = open_channels(Routing([Receiver(name="planner", address=address)]), {}, timeout_seconds=1)
    asyncio.run(Dispatcher(connect(database_url), channels, pace=PACE).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
