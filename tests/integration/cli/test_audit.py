"""The audit trail as its keeper meets it: the commands of docs/audit.md, and the checkpoints of a running service."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
from sqlalchemy import Engine, text

from alerting.audit import append
from alerting.audit.checkpoint_store import CheckpointFile
from alerting.database import connect
from streams import schema
from tests.integration.alerting.audit.trail import Trail
from tests.integration.cli.test_commands import ROOT, bellwether
from tests.unit.alerting.audit.trails import an_entry

PAGE = ROOT / "docs" / "audit.md"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def settings_of(folder: Path, engine: Engine) -> dict[str, str]:
    return {
        "database": engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False),
        "audit_key_file": str(folder / "audit.pem"),
        "audit_checkpoints": str(folder / "checkpoints.jsonl"),
    }


def a_trail(folder: Path, engine: Engine) -> Trail:
    """Twelve entries a chain, signed by the key of the folder."""
    trail = Trail(engine, folder / "checkpoints.jsonl")
    (folder / "audit.pem").write_bytes(trail.key.pem)
    (folder / "audit.pem.pub").write_bytes(trail.key.public.pem)
    return trail.grown()


def test_a_whole_trail_is_told_and_a_changed_one_is_named_with_exit_code_1(tmp_path: Path, engine: Engine) -> None:
    trail, settings = a_trail(tmp_path, engine), settings_of(tmp_path, engine)
    good = bellwether(tmp_path, "audit", "verify", "--json", **settings)
    assert good.returncode == 0, good.stderr
    told = json.loads(good.stdout)
    assert told["whole"]
    (checked,) = told["checked"]
    assert (checked["entries"], checked["checkpoints"], checked["faults"]) == (36, 3, [])
    trail.change("desk", 6, reason="never said")
    bad = bellwether(tmp_path, "audit", "verify", **settings)
    assert bad.returncode == 1
    assert "wrong: chain desk, entry 6: it was changed" in bad.stdout
    assert "the database does not refuse changes of the trail" in bad.stdout


def test_the_commands_of_the_page_run(tmp_path: Path, sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    schema.upgrade(engine)
    settings = settings_of(tmp_path, engine)
    commands = re.findall(r"^ {4}bellwether (audit .*)$", PAGE.read_text(), re.MULTILINE)
    made = [shlex.split(one) for one in commands if " key " in one]
    others = [shlex.split(one) for one in commands if " key " not in one]
    assert (len(made), len(others)) == (2, 7)
    for command in made:
        done = bellwether(tmp_path, *command, **settings)
        assert done.returncode == 0, done.stderr
        assert "PRIVATE" not in done.stdout
    assert (tmp_path / "audit.pem").stat().st_mode & 0o777 == 0o600
    for file in tmp_path.glob("audit.pem*"):
        file.unlink()
    a_trail(tmp_path, engine)
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "checkpoints.jsonl").read_bytes())
    for command in others:
        done = bellwether(tmp_path, *command, **settings)
        assert done.returncode == (1 if "--witness" in command else 0), (command, done.stdout, done.stderr)
    with (tmp_path / "trail.csv").open(newline="") as file:
        assert [row["sequence"] for row in csv.DictReader(file) if row["chain"] == "desk"] == [
            str(n) for n in range(1, 13)
        ]
    engine.dispose()


def test_an_export_can_be_checked_by_anybody_and_holds_no_formula(tmp_path: Path, engine: Engine) -> None:
    with engine.begin() as connection:
        append(connection, "desk", [an_entry(1, reason="=1+1", old={"n": 2.0**60}), an_entry(2)], None)
    settings = {"database": settings_of(tmp_path, engine)["database"]}
    exact = bellwether(tmp_path, "audit", "export", **settings)
    assert exact.returncode == 0, exact.stderr
    for line in exact.stdout.splitlines():
        entry = json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 16 else float(digits))
        said = entry.pop("hash")
        assert sha256(rfc8785.dumps(entry)).hexdigest() == said
    table = bellwether(tmp_path, "audit", "export", "--format", "csv", **settings).stdout
    assert [row["reason"][:3] for row in csv.DictReader(table.splitlines())] == ["'=1", "ord"]
    some = bellwether(tmp_path, "audit", "export", "--from", "2026-11-23T08:02:00", "--to", "2026-11-24", **settings)
    assert [json.loads(line)["sequence"] for line in some.stdout.splitlines()] == [2]
    none = bellwether(tmp_path, "audit", "export", "--chain", "desks", **settings)
    assert none.returncode == 2
    assert "there is no chain desks; there are: desk" in none.stderr


def test_what_is_set_up_by_halves_or_wrongly_is_told(tmp_path: Path) -> None:
    bellwether(tmp_path, "db", "upgrade")
    assert bellwether(tmp_path, "audit", "key", "new", "a.pem").returncode == 0
    again = bellwether(tmp_path, "audit", "key", "new", "a.pem")
    assert again.returncode == 2
    assert "a.pem is there already" in again.stderr
    public_for_private = bellwether(tmp_path, "audit", "key", "show", audit_key_file="a.pem.pub")
    assert (public_for_private.returncode, "a.pem.pub: this is no private key" in public_for_private.stderr) == (
        2,
        True,
    )
    key = (tmp_path / "a.pem").read_text()
    shown = bellwether(tmp_path, "audit", "key", "show", "--json", audit_key=key)
    assert json.loads(shown.stdout)["signs"] is not None
    missing = bellwether(tmp_path, "audit", "verify", "--checkpoints", "none.jsonl", audit_key=key)
    assert missing.returncode == 1
    assert "the checkpoints at none.jsonl cannot be read" in missing.stdout
    half = bellwether(tmp_path, "up", "--role", "dispatch", audit_key=key)
    assert half.returncode == 2
    assert "go together: name both or neither" in half.stderr


def test_a_service_signs_at_its_start_and_again_at_a_clean_stop(tmp_path: Path, sqlite_url: str) -> None:
    bellwether(tmp_path, "audit", "key", "new", "audit.pem")
    engine = connect(sqlite_url)
    settings = settings_of(tmp_path, engine) | {"http_port": "0", "kafka": "embedded"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BELLWETHER_")}
    environment |= {f"BELLWETHER_{name.upper()}": value for name, value in settings.items()}
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "up", "--role", "dispatch"], cwd=tmp_path, stderr=log, stdout=log,
            env=environment | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    try:
        while file.last() is None:
            assert service.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        with engine.begin() as connection:
            append(connection, "desk", [an_entry()], None)
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0, (tmp_path / "log").read_text()
    finally:
        service.kill()
        service.wait()
    last = file.last()
    assert last is not None
    assert (last.said.number, sorted(last.ends)) == (2, ["desk", "keys"])
    assert last.hash in (tmp_path / "log").read_text()
    with engine.begin() as connection:
        named = connection.execute(text("select key_id from audit where chain = 'keys'")).scalar()
    assert named == last.said.key_id
    done = bellwether(tmp_path, "audit", "verify", **settings_of(tmp_path, engine))
    assert done.returncode == 0, done.stdout
    engine.dispose()
