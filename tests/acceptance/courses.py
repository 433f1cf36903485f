"""Lives through courses of alerts in any order, on both databases: `python -m tests.acceptance.courses --steps 50000`.

Says what happened and what came of it, so that it shows what was never tried.
"""

import json as json_text
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from alerting.alerts import Transition
from alerting.life.course import Occasion, Outcome
from tests.integration.alerting.course_outcomes import WORDS
from tests.integration.alerting.test_course_of_alerts import run
from tests.servers import Postgres

COURSES_AT_A_TIME = 60
STEPS_A_COURSE = 50

ACTIONS = ("acknowledge", "acknowledgement_ended", "snooze", "snooze_ended", "wake", "resolve", "judge", "held", "released",
           "step", "last", "flapping", "calm")  # fmt: skip

EXPECTED = (
    *(f"transition: {one.value}" for one in Transition),
    *(f"history: {one}" for one in ACTIONS),
    *(f"decision: {one.value}" for one in Outcome if one is not Outcome.UNREACHABLE),  # everybody is there at all times
    *(f"occasion: {one.value}" for one in Occasion),
    *(f"message: {one}" for one in ("alert", "group", "digest", "notice")),
    *(f"planned: {one}" for one in ("silence", "maintenance")),
    *WORDS,
    "a desk was killed in a transaction",
)
"""What must have come of so many steps; else they show less than they say."""


@dataclass
class Lived:
    """The courses on one database. `happenings` by the machine's rules, `outcomes` by what the database says."""

    database: str
    steps: int = 0
    courses: int = 0
    seconds: float = 0.0
    happenings: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])

    @property
    def missing(self) -> list[str]:
        return [one for one in EXPECTED if not self.outcomes[one]]


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a database of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bellwether-courses-"))
    folder.chmod(0o755)
    server = Postgres(folder) if kind == "postgres" else None
    try:
        if server is None:
            yield f"sqlite:///{folder / 'courses.db'}"
        else:
            server.start()
            yield server.fresh_database()
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def live(kind: str, url: str, steps: int, tell: Callable[[Lived], None]) -> Lived:
    """At least so many steps. Raises what the first course that went wrong did."""
    lived, began = Lived(kind), time.monotonic()
    while lived.steps < steps:
        some = run(url, COURSES_AT_A_TIME, STEPS_A_COURSE)
        lived.steps += some.steps
        lived.courses += COURSES_AT_A_TIME
        lived.happenings += some.happenings
        lived.outcomes += some.outcomes
        lived.seconds = round(time.monotonic() - began, 1)
        tell(lived)
    return lived


def _tell(lived: Lived) -> None:
    rate = lived.steps / max(lived.seconds, 0.1)
    sys.stderr.write(f"\r{lived.database}: {lived.steps:,} steps, {rate:.0f}/s ")
    sys.stderr.flush()


def _show(lived: Lived) -> None:
    print(f"{lived.database}: {lived.steps:,} steps in {lived.courses:,} courses, nothing wrong, {lived.seconds:.0f} s")
    for counted in (lived.happenings, lived.outcomes):
        for name, count in sorted(counted.items()):
            print(f"  {count:8,} {name}")
    for name in lived.missing:
        print(f"  NEVER    {name}")


def main(
    steps: Annotated[int, typer.Option(help="of all courses on each database")] = 50_000,
    on: Annotated[str, typer.Option("--database", help="sqlite, postgres or both")] = "both",
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Every course must leave the database as it has to be, after each of its steps. Exit code 1: something never happened."""
    done: list[Lived] = []
    for kind in ("sqlite", "postgres") if on == "both" else (on,):
        with database(kind) as url:
            done.append(live(kind, url, steps, _tell))
        sys.stderr.write("\n")
        if not json:
            _show(done[-1])
    if json:
        print(json_text.dumps([vars(one) | {"missing": one.missing} for one in done], indent=1, default=str))
    raise typer.Exit(1 if any(one.missing for one in done) else 0)


if __name__ == "__main__":
    typer.run(main)
