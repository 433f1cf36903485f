"""`bellwether demo`: half a year of a living network in about a minute."""

import asyncio
import signal
from typing import Annotated

import typer

from streams.cli.speaking import Exit, clean_errors, err, fail, out, tell_json


def demo(
    seed: Annotated[int, typer.Option(min=0, help="Another number gives another world; the same gives the same.")] = 1,
    weeks: Annotated[int, typer.Option(min=4, max=104, help="Simulated weeks.")] = 26,
    json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object on standard output.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the service running until Ctrl-C; says where its metrics are.")
    ] = False,
) -> None:
    """Live through half a year of four contract manufacturers, with disruptions whose truth is known.

    Needs no service: a broker in memory, SQLite in a temporary folder and a chat receiver on this machine are started,
    and are gone afterwards. Everything between them is the product itself.

    Examples:

        bellwether demo

        bellwether demo --seed 7

        bellwether demo --json | jq .disruptions
    """
    with clean_errors():
        from streams.feeder import StalledError

        try:
            asyncio.run(_demo(seed, weeks, json=json, keep=keep))
        except StalledError as error:
            fail(str(error), Exit.FOUND)
        except asyncio.CancelledError:
            fail("stopped", Exit.INTERRUPTED)


async def _demo(seed: int, weeks: int, *, json: bool, keep: bool) -> None:
    from streams.demo.report import report
    from streams.demo.run import Demo

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # so that what was started is stopped and cleared away
    async with Demo(seed=seed, weeks=weeks, console=err if json else out) as run:
        result = await run.live()
        if json:
            tell_json(result.summary)
        else:
            report(out, result.summary, result.alarms, result.told)
        if keep:
            await run.keep()
