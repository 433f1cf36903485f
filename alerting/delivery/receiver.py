"""A chat receiver on loopback that keeps what it gets: for the demo, and for tests over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

LARGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came in: the JSON body and the headers, whose names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.body.get("title", ""))

    @property
    def text(self) -> str:
        return str(self.body.get("message", ""))

    @property
    def key(self) -> str:
        """The same for each repeat of a message."""
        return self.headers.get("x-idempotency-key", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver says, `after_seconds` of thought. `breaks_off`: within the answer, or before it begins."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    after_seconds: float = 0.0
    body: bytes = b""
    breaks_off: Literal["within", "before"] | None = None


OK = Answer()


class ChatReceiver:
    """Runs between `with` and its end. `answer` decides what each message gets; all of them are kept in `received`."""

    def __init__(self, answer: Callable[[Received], Answer] = lambda _: OK) -> None:
        self.received: list[Received] = []
        self.answer = answer
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, name="chat-receiver", daemon=True)

    @property
    def address(self) -> str:
        """Its Apprise URL."""
        return f"json://127.0.0.1:{self._server.server_port}/chat"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # nobody waits for an answer that is still being thought about
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], chat: ChatReceiver) -> None:
        self.chat = chat
        super().__init__(place, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that went away before its answer is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", "0")), LARGEST_BODY)
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, json.loads(self.rfile.read(length)))
        self.server.chat.received.append(received)
        answer = self.server.chat.answer(received)
        if answer.after_seconds:
            time.sleep(answer.after_seconds)
        if answer.breaks_off == "before":
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) + (1000 if answer.breaks_off else 0)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """What came is in `received`."""
