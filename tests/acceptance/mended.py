"""Records refused by a bad map, mended and put back: python -m tests.acceptance.mended --records 10000 --database both.

The intake stops by itself and is let go on, the map is mended, the replay is killed twice; in the end the tables are those
of a feed that was right at once.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import Engine, func, select

from alerting.database import connect, reading
from alerting.tables import alert
from streams.intake.agent import producer
from streams.intake.gate import stopped_feeds
from streams.intake.tables import dead_letter_fate
from streams.ledger.entity import Packed
from streams.ledger.tables import ENTITIES, feed, stream_position
from streams.topics import dead_letters, inbound
from tests.acceptance.refused_stock import BAD, MENDED, NETWORK, ROUNDS, Sent, of_another, records, written
from tests.benchmarks.stack import Kind, Stack, standing
from tests.chaos.evidence import records_of, rows_of
from tests.chaos.worker import Worker, be_bellwether, forks

NOTHING_MOVES_SECONDS = 600.0
OTHERS = 100
"""Events of another partner, sent while the first one's intake stands still."""

_journal = msgspec.msgpack.Decoder(Packed)


class Database(StrEnum):
    """On what to run."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    BOTH = "both"


KINDS = {
    Database.SQLITE: (Kind.EMBEDDED_SQLITE,),
    Database.POSTGRES: (Kind.KAFKA_POSTGRES,),
    Database.BOTH: tuple(Kind),
}


@dataclass
class Account:
    """What a run came to. `letters` at the stop, and when all was refused; `faults` says what is wrong."""

    kind: str
    refused: int = 0
    letters_at_the_stop: int = 0
    kills: int = 0
    put_back: int = 0
    counted: int = 0
    repeated: int = 0
    replay_seconds: float = 0.0
    faults: list[str] = field(default_factory=list[str])


def run(kind: Kind, rows: int) -> Account:
    """One run, and a feed that is right at once beside it."""
    account = Account(kind.value)
    begin = (datetime.now(UTC) - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    sent, others = list(records(rows, begin)), list(of_another(OTHERS, begin))
    with TemporaryDirectory() as folder:
        network = Path(folder) / "network.yaml"
        network.write_text(NETWORK, encoding="utf-8")
        with standing(kind, network) as mended:
            _live_with_a_bad_map(mended, sent, others, account, rows)
            with standing(kind, network) as right:
                _live_right(right, [*sent, *others])
                account.faults += list(differences(mended, right))
    if account.put_back < rows:
        account.faults.append(f"{account.put_back} letters put back of {rows}")
    return account


def _live_with_a_bad_map(stack: Stack, sent: list[Sent], others: list[Sent], account: Account, rows: int) -> None:
    engine = connect(stack.database_url)
    with _working(stack, BAD) as worker:
        _send(stack, sent)
        _until(lambda: bool(_stopped(engine)), "the intake stops", worker)
        account.letters_at_the_stop = len(_letters(stack))
        _send(stack, others)
        _until(lambda: _counted(engine, "LYN") >= len(others), "the other partner goes on", worker)
        if (grown := len(_letters(stack))) != account.letters_at_the_stop:
            account.faults.append(f"{grown - account.letters_at_the_stop} letters more after the stop")
        _told(engine, "open", account)
        _bellwether(stack, "partner", "resume", "acme", "--lift", "1d", "--reason", "the map is being mended")
        _until(lambda: len(_letters(stack)) >= rows, "all is refused", worker)
        _told(engine, "resolved", account)
    account.refused = len(_letters(stack))
    with _working(stack, MENDED) as worker:
        began = time.monotonic()
        for part in (0.25, 0.5):
            account.kills += _killed_at(stack, engine, int(rows * part))
        _bellwether(stack, "dlq", "replay", "acme", "--reason", "the map is mended")
        account.replay_seconds = round(time.monotonic() - began, 1)
        account.put_back = _fates(engine)
        _until(lambda: _events(engine)[0] >= len(sent) + len(others), "all is counted", worker)
    account.counted, account.repeated = _events(engine)
    engine.dispose()


def _live_right(stack: Stack, sent: list[Sent]) -> None:
    engine = connect(stack.database_url)
    with _working(stack, MENDED) as worker:
        _send(stack, sent)
        _until(lambda: _events(engine)[0] >= len(sent), "all is counted", worker)
    engine.dispose()


def differences(mended: Stack, right: Stack) -> Iterator[str]:
    """What differs between the tables of the two, in words."""
    here, there = connect(mended.database_url), connect(right.database_url)
    for name, table in (ENTITIES | {"feed": feed}).items():
        ours, theirs = _comparable(rows_of(here, table)), _comparable(rows_of(there, table))
        for key in sorted(ours.keys() | theirs.keys(), key=str):
            if ours.get(key) != theirs.get(key):
                yield f"{name} {key}: {ours.get(key)!r:.600} instead of {theirs.get(key)!r:.600}"
    if (ours := _events(here)[0]) != (theirs := _events(there)[0]):
        yield f"{ours} events counted instead of {theirs}"
    if (ours := _open_alerts(here)) != (theirs := _open_alerts(there)):
        yield f"open alerts: {ours ^ theirs}"
    here.dispose()
    there.dispose()


def _comparable(rows: Mapping[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Without the score, which is of the moment of judging, and the order in which tallies were last moved."""
    for row in rows.values():
        row.pop("score", None)
        if (packed := row.pop("journal", None)) is not None:
            journal = msgspec.structs.asdict(_journal.decode(packed))
            del journal["recent"]
            row["journal"] = journal
    return dict(rows)


def _settings(stack: Stack) -> dict[str, str]:
    told = stack.settings() | {"profiles": stack.folder / "profiles", "http_port": 0}
    return {f"BELLWETHER_{name.upper()}": str(value) for name, value in told.items()}


@contextmanager
def _working(stack: Stack, profile: str) -> Generator[Worker]:
    """A worker that reads the partner's records by this profile."""
    written(stack.folder / "profiles", profile)
    worker = Worker("worker", (), _settings(stack), stack.folder)
    worker.start()
    try:
        yield worker
    finally:
        worker.end(signal.SIGTERM)


def _send(stack: Stack, sent: Iterable[Sent]) -> None:
    async def main() -> None:
        out: Any = producer(stack.broker.bootstrap, {}, idempotent=stack.broker.durable)
        await out.start()
        waiting = [await out.send(inbound(one.partner), one.value, key=one.key, headers=one.headers) for one in sent]
        await asyncio.gather(*waiting)
        await out.stop()

    asyncio.run(main())


def _command(stack: Stack, *arguments: str) -> ForkServerProcess:
    log = str(stack.folder / "commands.log")
    command = forks.Process(target=be_bellwether, args=(list(arguments), _settings(stack), log, os.getpid()))
    command.start()
    return command


def _bellwether(stack: Stack, *arguments: str) -> None:
    command = _command(stack, *arguments)
    command.join()
    if command.exitcode:
        said = (stack.folder / "commands.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(arguments)} ended with {command.exitcode}:\n{said}")


def _killed_at(stack: Stack, engine: Engine, letters: int) -> int:
    """Begin a replay and kill it once so many letters are put back. 0: it was through before."""
    command = _command(stack, "dlq", "replay", "acme", "--reason", "the map is mended")
    while command.is_alive():
        if _fates(engine) >= letters:
            command.kill()
            break
    command.join()
    return int(command.exitcode != 0)


def _until(holds: Callable[[], bool], what: str, worker: Worker) -> None:
    deadline = time.monotonic() + NOTHING_MOVES_SECONDS
    while not holds():
        if not worker.process.is_alive() or time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {NOTHING_MOVES_SECONDS:.0f} s\n{worker.last_words()}")
        time.sleep(0.3)


def _letters(stack: Stack) -> list[Any]:
    (found,) = records_of(stack.broker.bootstrap, dead_letters("acme"), 1)
    return found


def _stopped(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(stopped_feeds(connection))


def _told(engine: Engine, state: str, account: Account) -> None:
    wanted = select(alert.c.partner, alert.c.state).where(alert.c.kind == "feed_stopped")
    with reading(engine) as connection:
        found = [tuple(row) for row in connection.execute(wanted)]
    if found != [("acme", state)]:
        account.faults.append(f"alerts of kind feed_stopped: {found}, not one of acme that is {state}")


def _fates(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(dead_letter_fate)).scalar_one())


def _events(engine: Engine) -> tuple[int, int]:
    """Counted and repeated."""
    of = stream_position.c
    with reading(engine) as connection:
        counted, repeated = connection.execute(select(func.sum(of.counted), func.sum(of.repeated))).one()
    return int(counted or 0), int(repeated or 0)


def _counted(engine: Engine, site: str) -> int:
    """Lots of a site."""
    lots = ENTITIES["lot"]
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).where(lots.c.site == site)).scalar_one())


def _open_alerts(engine: Engine) -> set[tuple[str, str, str]]:
    """But for those of feeds: that much of one was refused a minute ago is true, and a reason not to trust it yet."""
    wanted = select(alert.c.kind, alert.c.subject_kind, alert.c.subject_key).where(
        alert.c.state == "open", alert.c.subject_kind != "feed"
    )
    with reading(engine) as connection:
        return {(kind, subject, key) for kind, subject, key in connection.execute(wanted)}


def main(
    *,
    records: Annotated[int, typer.Option(min=10 * ROUNDS, help="Rows that the bad map refuses.")] = 10_000,
    database: Annotated[
        Database, typer.Option(help="sqlite: embedded broker; postgres: Apache Kafka.")
    ] = Database.SQLITE,
) -> None:
    """Refuse, mend and replay; prints JSON, and fails where the end is not that of a feed that was right at once."""
    accounts = [run(kind, records) for kind in KINDS[database]]
    print(json.dumps([asdict(one) for one in accounts], indent=2))
    if any(one.faults for one in accounts):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
