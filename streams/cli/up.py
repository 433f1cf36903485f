"""`bellwether up`: the service."""

import asyncio
import signal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.speaking import clean_errors, err

if TYPE_CHECKING:
    from streams.service import Role
    from streams.settings import Settings


class Part(StrEnum):
    INTAKE = "intake"
    LEDGER = "ledger"
    DISPATCH = "dispatch"
    ARCHIVE = "archive"


def up(
    context: typer.Context,
    role: Annotated[
        list[Part] | None, typer.Option(help="Only this part of the work; may be given again. Else all.")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(help="Port of /metrics and the health checks; 0 takes a free one.")
    ] = None,
) -> None:
    """Run the service until SIGTERM or Ctrl-C; it stops within 10 s, and loses nothing if it is killed instead.

    Changed rulebook and network files come into force by themselves; SIGHUP has them read again at once.

    Start it as often as there are partitions: the workers share the work, and take over from one that is gone.

    Examples:

        bellwether up

        bellwether up --role ledger --http-port 8322
    """
    with clean_errors():
        from streams import settings
        from streams.service import Role

        told = settings.load(context.obj, http_port=http_port)
        asyncio.run(_serve(told, frozenset(Role(str(one)) for one in role or Part)))


async def _serve(told: "Settings", roles: "frozenset[Role]") -> None:
    from streams import logs
    from streams.service import Service

    logs.configure()
    service = Service(told, roles)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.ask_to_stop)
    loop.add_signal_handler(signal.SIGHUP, service.reload)
    try:
        await service.start()
        err.print(f"{told.instance} runs: {service.address}/metrics, /readyz, /livez; Ctrl-C stops it")
        await service.wait()
    finally:
        await service.stop()
