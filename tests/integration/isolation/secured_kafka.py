"""Apache Kafka as it must be set up for partners: SASL/SCRAM on the listener, and nothing allowed that no ACL allows."""

from typing import Any

from kafka.admin import KafkaAdminClient

from tests.servers import Kafka

ADMIN, ADMIN_PASSWORD = "admin", "the-password-of-the-admin"
BROKER_PASSWORD = "the-password-between-brokers"
PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"


def login(user: str, password: str) -> dict[str, Any]:
    """The options with which kafka-python and aiokafka log in."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


class SecuredKafka(Kafka):
    """One KRaft node with StandardAuthorizer. The admin is its only super user beside the broker itself."""

    def client(self) -> dict[str, Any]:
        """The admin's login."""
        return login(ADMIN, ADMIN_PASSWORD)

    def _admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(bootstrap_servers=self.bootstrap, **self.client())

    def _run(self, *program: str) -> None:
        """The storage is formatted with the first user in it: without one nobody could log in to make others."""
        super()._run(*program, "--add-scram", f"SCRAM-SHA-512=[name={ADMIN},password={ADMIN_PASSWORD}]")

    def _settings(self) -> str:
        listener, controller = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.controller_port}"
        admin = f'{SCRAM_MODULE} required username="{ADMIN}" password="{ADMIN_PASSWORD}";'
        broker = (
            f'{PLAIN_MODULE} required username="broker" password="{BROKER_PASSWORD}" user_broker="{BROKER_PASSWORD}";'
        )
        secured = {
            "listeners": f"CLIENTS://{listener},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENTS://{listener}",
            "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": admin,
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": broker,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN};User:broker",
        }
        plain = dict(line.split("=", 1) for line in super()._settings().splitlines())
        return "".join(f"{name}={value}\n" for name, value in (plain | secured).items())
