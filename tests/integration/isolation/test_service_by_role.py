"""The service at work with a user for each role, each with the least that it needs; and none of its secrets in sight."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaProducer
from sqlalchemy import text

from alerting.database import connect, reading
from streams.topics import inbound
from tests.integration.cli.test_commands import ROOT, bellwether
from tests.integration.isolation.conftest import Secured
from tests.integration.isolation.secured_kafka import ADMIN_PASSWORD
from tests.servers import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1800)]

LINK_KEY = "a-link-key-that-nobody-may-ever-see"
WEBHOOK_SECRET = "a-token-in-the-address-of-a-chat"
DATABASE_PASSWORD = "a-password-of-the-database"
WAIT_SECONDS = 240


def test_the_roles_do_their_work_by_their_own_users_and_show_no_secret(secured: Secured, tmp_path: Path) -> None:
    _alerting(tmp_path)
    common = {
        "database": f"sqlite:///{tmp_path / 'bellwether.db'}",
        "alerting": str(tmp_path / "alerting.yaml"),
        "public_url": "https://bellwether.example",
        "link_key": LINK_KEY,
        "http_port": "0",
    }
    assert bellwether(tmp_path, "db", "upgrade", **common).returncode == 0
    nowhere = f"127.0.0.1:{free_port()}"
    with ExitStack() as running:
        for role in ("intake", "ledger"):
            settings = {**secured.settings(f"bellwether-{role}"), **common}
            running.enter_context(_up(tmp_path, role, settings))
        running.enter_context(_up(tmp_path, "dispatch", {**common, "kafka": nowhere}))
        _send(secured)
        _until(lambda: _rows(common["database"], "feed where partner = 'acme'") == 1, tmp_path)
        _until(lambda: _rows(common["database"], "outbox where attempts > 0") > 0, tmp_path)
    secrets = {secured.password(user) for user in ("bellwether-intake", "bellwether-ledger", "cdmo.acme")}
    secrets |= {ADMIN_PASSWORD, LINK_KEY, WEBHOOK_SECRET}
    for file in tmp_path.iterdir():
        held = file.read_bytes() if file.is_file() and file.name != "alerting.yaml" else b""
        assert [secret for secret in secrets if secret.encode() in held] == [], file.name


def test_what_the_command_prints_holds_no_password(secured: Secured) -> None:
    passwords = [file.read_text().strip() for file in secured.users.iterdir()]
    assert len(passwords) == 3 + 4
    for arguments in (["check", "--acls"], ["apply", "--acls", "--json"], ["apply", "--acls", "--print"]):
        done = bellwether(secured.folder, "topics", *arguments, **secured.settings())
        assert done.returncode == 0, done.stderr
        assert [one for one in (*passwords, ADMIN_PASSWORD) if one in done.stdout + done.stderr] == []
    assert [one for one in passwords if one in json.dumps(secured.said)] == []


def test_another_password_comes_into_force_and_the_old_one_does_no_more(secured: Secured) -> None:
    old = secured.settings("cdmo.borealis")
    done = bellwether(secured.folder, "topics", "apply", "--acls", "--renew", "cdmo.borealis", **secured.settings())
    assert done.returncode == 0, done.stderr
    assert secured.password("cdmo.borealis") != old["kafka_password"]
    refused = bellwether(secured.folder, "topics", "check", "--json", **old)
    assert refused.returncode == 3
    assert old["kafka_password"] not in refused.stderr


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        ("status", {"database": f"postgresql://bellwether:{DATABASE_PASSWORD}@127.0.0.1:1/bellwether"}),
        ("status", {"database": "postgresql://bellwether@127.0.0.1:1/x", "database_password": DATABASE_PASSWORD}),
        ("status", {"database": f"mysql://bellwether:{DATABASE_PASSWORD}@127.0.0.1/bellwether"}),
        ("status", {"link_key": WEBHOOK_SECRET, "public_url": "https://x.example"}),
    ],
)
def test_an_error_about_a_setting_does_not_show_what_is_secret_in_it(
    command: str, settings: dict[str, str], tmp_path: Path
) -> None:
    done = bellwether(tmp_path, command, **settings)
    assert done.returncode != 0
    assert DATABASE_PASSWORD not in done.stdout + done.stderr
    assert WEBHOOK_SECRET not in done.stdout + done.stderr


def _alerting(folder: Path) -> None:
    address = f"json://user:{WEBHOOK_SECRET}@127.0.0.1:{free_port()}/hook"
    (folder / "alerting.yaml").write_text(
        f'receivers: {{ours: {{address: "{address}"}}}}\nroute: {{to: ours, group_by: [], group_wait: 0s, digest: []}}\n'
        "heartbeat: {to: ours, every: 30s}\n"
    )


@contextmanager
def _up(folder: Path, role: str, settings: dict[str, str]) -> Iterator[None]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BELLWETHER_")}
    environment |= {f"BELLWETHER_{name.upper()}": value for name, value in settings.items()}
    with (folder / f"{role}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "up", "--role", role],
            cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                for child in [*psutil.Process(process.pid).children(recursive=True), process]:
                    child.kill()


def _send(secured: Secured) -> None:
    """A report of stock, by the partner's own login."""
    now = datetime.now(UTC).isoformat()
    event = {
        "specversion": "1.0", "id": "1", "source": "/acme/erp", "type": "cdmo.raw_material.stock_reported", "time": now,
        "siteid": "BSL",
        "data": {"material_code": "SALT", "internal_lot": "L-1", "qty_on_hand": 10, "uom": "KGM", "status": "released"},
    }  # fmt: skip
    producer: Any = KafkaProducer(bootstrap_servers=secured.kafka.bootstrap, **secured.login("cdmo.acme"))
    headers = [("content-type", b"application/cloudevents+json")]
    producer.send(inbound("acme"), json.dumps(event).encode(), key=b"BSL", headers=headers).get(timeout=30)
    producer.close()


def _rows(database: str, of: str) -> int:
    engine = connect(database)
    try:
        with reading(engine) as connection:
            return int(connection.execute(text(f"select count(*) from {of}")).scalar_one())
    finally:
        engine.dispose()


def _until(holds: Callable[[], bool], folder: Path) -> None:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > give_up_at:
            raise AssertionError("\n".join(f"{log.name}\n{log.read_text()[-3000:]}" for log in folder.glob("*.log")))
        time.sleep(0.5)
