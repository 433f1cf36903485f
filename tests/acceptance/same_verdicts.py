"""Whether a backtest of a whole year says what the service would have said: python -m tests.acceptance.same_verdicts

Both live through FOLDER/history.jsonl with FOLDER/network.yaml (as `tests.benchmarks.backtest` writes them): the service's
way over partitions, in small batches, each partition taken over half-way; the backtest in one piece. Every verdict at every
tick, every step of every alert and every row of the ledger must be the same.
"""

import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Annotated

import pytest
import typer

from alerting.database import connect
from streams import schema
from streams.backtest.history import lines
from streams.backtest.living import live
from streams.backtest.memory import memory
from streams.network.load import load
from tests.integration.backtest.test_same_verdicts import Overheard, as_in_service, entities, steps, told
from tests.oracle.stream import DEFAULT_RULES


def main(
    folder: Annotated[Path, typer.Option(help="Where the simulated year is.")] = Path("build/year"),
    records: Annotated[int | None, typer.Option(help="So many at the most, from the beginning.")] = None,
) -> None:
    network, values = load(folder / "network.yaml"), list(islice(lines(folder / "history.jsonl"), records))
    live_way, backtest = Overheard(), Overheard()
    with tempfile.TemporaryDirectory(prefix="bellwether-same-") as place:
        engine, beside = connect(f"sqlite:///{place}/live.db"), memory()
        schema.upgrade(engine)
        began = time.process_time()
        with pytest.MonkeyPatch.context() as patch:
            live_way.listen(patch)
            as_in_service(engine, network, values)
        between = time.process_time()
        with pytest.MonkeyPatch.context() as patch:
            backtest.listen(patch)
            live(steps(values), network, DEFAULT_RULES, beside)
        ended = time.process_time()
        same = {
            "verdicts": backtest.seen == live_way.seen,
            "alerts": told(beside) == told(engine),
            "rows": entities(beside) == entities(engine),
        }
        engine.dispose()
        beside.dispose()
    typer.echo(f"{len(values):,} records, {len(live_way.seen):,} verdicts; same: {same}")
    typer.echo(f"processor time: the live way {between - began:.1f} s, the backtest {ended - between:.1f} s")
    raise typer.Exit(0 if all(same.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
