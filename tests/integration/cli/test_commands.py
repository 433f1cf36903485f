"""The commands as a user runs them: what they print, and how they end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.broker import BrokerNotStartedError, EmbeddedBroker
from streams.topics import EVENTS_TOPIC, TopicAdmin, compare, wanted
from tests.servers import Broker

ROOT = Path(__file__).parents[3]
NETWORK = ROOT / "deploy" / "examples" / "network.yaml"


def bellwether(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BELLWETHER_")}
    environment |= {f"BELLWETHER_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_topics_are_made_and_then_in_order(tmp_path: Path, broker: Broker) -> None:
    settings = {"kafka": broker.bootstrap, "network": str(NETWORK)}
    missing = bellwether(tmp_path, "topics", "check", "--json", **settings)
    assert missing.returncode == 1
    assert {d["fault"] for d in json.loads(missing.stdout)["differences"]} == {"missing"}
    made = bellwether(tmp_path, "topics", "apply", "--json", **settings)
    assert (made.returncode, len(json.loads(made.stdout)["mended"])) == (0, 3)
    assert bellwether(tmp_path, "topics", "check", **settings).returncode == 0
    other = bellwether(tmp_path, "topics", "apply", "--json", **settings, partitions="6")
    assert other.returncode == 1
    assert "has 4 partition(s), not 6" in json.loads(other.stdout)["differences"][0]["message"]


def test_a_topic_made_again_has_another_id(broker: Broker) -> None:
    topics = wanted(["acme"], partitions=2)
    with TopicAdmin(broker.bootstrap, {}) as admin:
        assert admin.apply(topics, compare(topics, admin.found(topics))) == ()
        offsets = admin.end_offsets(EVENTS_TOPIC)
        assert offsets == {(admin.topic_id(EVENTS_TOPIC), 0): 0, (admin.topic_id(EVENTS_TOPIC), 1): 0}


def test_a_database_is_upgraded_and_its_status_told(tmp_path: Path, database_url: str) -> None:
    first = bellwether(tmp_path, "db", "upgrade", "--json", database=database_url)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["before"] is None
    status = bellwether(tmp_path, "status", "--json", database=database_url)
    assert json.loads(status.stdout) == {
        "positions": [],
        "alerts": {"critical": 0, "warning": 0, "watch": 0},
        "worst": [],
        "messages": {},
        "feeds": [],
    }
    assert "Open alerts: 0 critical, 0 warning, 0 watch" in bellwether(tmp_path, "status", database=database_url).stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "said"),
    [
        (["status"], {"database": "sqlite:///new.db"}, 2, "run `bellwether db upgrade`"),
        (["status"], {"partitions": "x"}, 2, "BELLWETHER_PARTITIONS in the environment"),
        (["status"], {"database": "postgresql://127.0.0.1:1/x"}, 3, "the database refused or does not answer"),
        (
            ["topics", "check"],
            {"kafka": "127.0.0.1:1", "network": str(NETWORK)},
            3,
            "Kafka at 127.0.0.1:1 does not answer",
        ),
        (["topics", "check"], {"kafka": "127.0.0.1:1"}, 2, "Set BELLWETHER_NETWORK"),
        (["topics", "check"], {"kafka": "127.0.0.1:1", "network": "no.yaml"}, 2, "no.yaml"),
    ],
)
def test_an_error_is_one_message_without_a_trace(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, said: str
) -> None:
    ended = bellwether(tmp_path, *arguments, **settings)
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: ")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_embedded_broker_does_not_outlive_a_killed_program() -> None:
    program = """
import os, signal
from streams.broker import EmbeddedBroker
broker = EmbeddedBroker()
broker.start()
print(broker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    pid = int(ended.stdout)
    for _ in range(100):
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "zombie" in status.read_text():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    pytest.fail(f"the broker {pid} still runs")


def test_a_taken_port_is_named() -> None:
    with EmbeddedBroker() as broker:
        port = int(broker.bootstrap.partition(":")[2])
        with pytest.raises(BrokerNotStartedError, match=f"port {port}"):
            EmbeddedBroker(port=port).start()
