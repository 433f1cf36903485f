"""Lives through courses of alerts in any order, on both databases: `python -m tests.acceptance.courses --steps 50000`."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tests.integration.alerting.test_course_of_alerts import run
from tests.servers import Postgres

COURSES_AT_A_TIME = 10
STEPS_A_COURSE = 50


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


def live(url: str, steps: int, tell: Callable[[int], None]) -> int:
    """At least so many steps; how many there were. Raises what the first course that went wrong did."""
    done = 0
    while done < steps:
        done += run(url, COURSES_AT_A_TIME, STEPS_A_COURSE)
        tell(done)
    return done


def main(
    steps: Annotated[int, typer.Option(help="of all courses on each database")] = 50_000,
    on: Annotated[str, typer.Option(help="sqlite, postgres or both")] = "both",
) -> None:
    """Every course must leave the database as it has to be, after each of its steps."""
    for kind in ("sqlite", "postgres") if on == "both" else (on,):
        began = time.monotonic()

        def tell(done: int, kind: str = kind, began: float = began) -> None:
            rate = done / (time.monotonic() - began)
            sys.stderr.write(f"\r{kind}: {done:,} of {steps:,} steps, {rate:.0f}/s ")
            sys.stderr.flush()

        with database(kind) as url:
            done = live(url, steps, tell)
        sys.stderr.write("\n")
        print(f"{kind}: {done:,} steps, nothing wrong, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    typer.run(main)
