"""A secured Kafka, and a network of three partners whose codes begin alike, with users and ACLs made by the command."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import serving
from tests.integration.cli.test_commands import bellwether
from tests.integration.isolation.secured_kafka import ADMIN, ADMIN_PASSWORD, SecuredKafka, login

PARTNERS = ("acme", "acme2", "borealis")
NETWORK = """
partners:
  acme: {name: Acme, sites: {BSL: {name: Basel}}}
  acme2: {name: Acme Two, sites: {VIS: {name: Visp}}}
  borealis: {name: Borealis, sites: {OSL: {name: Oslo}}}
"""


class Secured(NamedTuple):
    """A secured Kafka that the command has set up. `users` holds their passwords."""

    kafka: SecuredKafka
    folder: Path
    said: dict[str, Any]
    """What the command that set it up printed."""

    @property
    def network(self) -> Path:
        return self.folder / "network.yaml"

    @property
    def users(self) -> Path:
        return self.folder / "kafka-users"

    def password(self, user: str) -> str:
        return (self.users / user).read_text().strip()

    def login(self, user: str) -> dict[str, Any]:
        return login(user, self.password(user))

    def settings(self, user: str = ADMIN) -> dict[str, str]:
        """The settings of a process that logs in as this user."""
        return {
            "kafka": self.kafka.bootstrap,
            "kafka_security": "SASL_PLAINTEXT",
            "kafka_username": user,
            "kafka_password": ADMIN_PASSWORD if user == ADMIN else self.password(user),
            "network": str(self.network),
        }


@pytest.fixture(scope="session")
def secured_kafka() -> Iterator[SecuredKafka]:
    with serving(SecuredKafka) as server:
        yield server


@pytest.fixture(scope="session")
def secured(secured_kafka: SecuredKafka, tmp_path_factory: pytest.TempPathFactory) -> Secured:
    folder = tmp_path_factory.mktemp("secured")
    (folder / "network.yaml").write_text(NETWORK)
    bare = Secured(secured_kafka, folder, {})
    done = bellwether(folder, "topics", "apply", "--acls", "--json", **bare.settings())
    assert done.returncode == 0, done.stderr
    return bare._replace(said=json.loads(done.stdout))
