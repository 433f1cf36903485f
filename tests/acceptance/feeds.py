"""Feeds that go wrong are found within twice their rhythm, and no other is: `python -m tests.acceptance.feeds --seeds 20`."""

import argparse
import sys
from collections import defaultdict
from statistics import median
from time import process_time

from tests.acceptance.feed_worlds import PART_LOST, Alarm, Found, faults, lived, sent


def _line(seed: int, found: Found) -> str:
    fault = found.fault
    much = f" {fault.hours:+g} h" if fault.hours else f" {fault.part:.0%}" if fault.part else ""
    said = "in time" if found.in_time else "not found" if found.after is None else "TOO LATE"
    rhythm = "no rhythm" if found.rhythm is None else f"rhythm {found.rhythm:.1f} h"
    after = "" if found.after is None else f", found after {found.after:.1f} h"
    return f"{seed} {fault.kind}{much} {fault.site} {fault.begin:%a %d %b %H:%M}: {rhythm}{after}, {said}"


def _figures(kind: str, found: list[Found]) -> str:
    parts = sorted(one.after / one.rhythm for one in found if one.after is not None and one.rhythm)
    spread = f"{median(parts):.2f} (median) to {parts[-1]:.2f} rhythms" if parts else "never"
    return f"{kind}: {sum(one.in_time for one in found)} of {len(found)} in time; found after {spread}"


def main() -> int:
    """Live through the worlds, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--part", type=float, default=PART_LOST, help="of the records that a gappy feed loses")
    chosen = parser.parse_args()
    by_kind, false, began = defaultdict[str, list[Found]](list), list[Alarm](), process_time()
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
        one = lived(seed, sent(seed), faults(seed, chosen.part))
        for found in one.found:
            by_kind[found.fault.kind].append(found)
            print(_line(seed, found))
        for alarm in one.false_alarms:
            print(f"{seed} FALSE ALARM {alarm.site} {alarm.rule} {alarm.at:%a %d %b %H:%M}: {alarm.summary}")
        false += one.false_alarms
    for kind, some in by_kind.items():
        print(_figures(kind, some))
    print(f"{len(false)} false alarms; {(process_time() - began) / chosen.seeds:.1f} s of processor time a seed")
    return 0 if all(one.in_time for some in by_kind.values() for one in some) and not false else 1


if __name__ == "__main__":
    sys.exit(main())
