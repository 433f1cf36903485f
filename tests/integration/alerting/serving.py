"""The service's own port in a thread of its own, for tests that are readers."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from streams.web_server import WebServer


@contextmanager
def serving_in_a_thread(server: WebServer) -> Iterator[str]:
    """The address while it serves."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
