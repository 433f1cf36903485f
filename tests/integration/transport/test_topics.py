"""A Kafka that is away, slow or something else: the questions to it end all the same."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cli.speaking import Exit
from streams.topics import TopicAdmin, TopicsRefusedError
from tests.servers import free_port

ROOT = Path(__file__).parents[3]
NETWORK = ROOT / "deploy" / "examples" / "network.yaml"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_handshake_that_never_ends_is_given_up_with_words_on_what_may_be_wrong(
    silent_port: int, tmp_path: Path
) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BELLWETHER_")}
    told = {"KAFKA": f"127.0.0.1:{silent_port}", "KAFKA_SECURITY": "SSL", "NETWORK": str(NETWORK)}
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "topics", "check", "--json"],
        cwd=tmp_path, env=plain | {f"BELLWETHER_{name}": value for name, value in told.items()} | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == Exit.AWAY
    assert done.stdout == ""
    said = " ".join(done.stderr.split())
    assert f"127.0.0.1:{silent_port} does not answer: nothing came back in 15 s" in said
    assert "is its security as set?" in said


def test_a_port_that_says_nothing_is_given_up(silent_port: int) -> None:
    with pytest.raises(TopicsRefusedError, match=rf"{silent_port} does not answer"):
        TopicAdmin(f"127.0.0.1:{silent_port}", {})


def test_asking_a_broker_that_is_away_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with pytest.raises(TopicsRefusedError, match="does not answer"):
        TopicAdmin(f"127.0.0.1:{free_port()}", {})
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive(), thread.name
