"""Feeds that go wrong are found within twice their rhythm, and no other is: `python -m tests.acceptance.feeds --seeds 20`."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.acceptance.feed_worlds import faults, lived, sent
from tests.acceptance.worlds import reference


def main() -> int:
    """Live through the worlds, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    chosen = parser.parse_args()
    missed = false = number = 0
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
        with tempfile.TemporaryDirectory() as folder:
            one = lived(Path(folder), seed, sent(seed), faults(seed, reference()[0]))
        for found in one.found:
            fault, said = found.fault, "in time" if found.in_time else "MISSED"
            print(f"{seed} {fault.kind} {fault.site}: rhythm {found.rhythm} h, found after {found.after} h, {said}")
        for alarm in one.false_alarms:
            print(f"{seed} FALSE ALARM {alarm.site} {alarm.kind} {alarm.at:%a %d %b %H:%M}: {alarm.summary}")
        number += len(one.found)
        missed += sum(not found.in_time for found in one.found)
        false += len(one.false_alarms)
    print(f"{number} faults, {missed} not found within twice the rhythm, {false} false alarms")
    return 1 if missed or false else 0


if __name__ == "__main__":
    sys.exit(main())
