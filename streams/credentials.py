"""How Faust proves who it is to Kafka, and checks whom it talks to."""

from typing import Any

import faust

from streams.settings import Settings


def credentials(settings: Settings) -> Any:
    """From the same settings as for the other clients; None where the connection is plain."""
    context = settings.ssl_context()
    if settings.kafka_security.startswith("SASL"):
        assert settings.kafka_password is not None
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=settings.kafka_password.get_secret_value(),
            mechanism=settings.kafka_mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)
