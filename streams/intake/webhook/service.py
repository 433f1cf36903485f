"""The webhooks of a service: put together from its settings, where any partner has keys for them."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from streams.intake.reading import Profiles
from streams.intake.webhook.endpoint import Webhooks
from streams.intake.webhook.inbox import Inbox, webhook_producer
from streams.intake.webhook.keyring import KeyringSource, KeysError, references_of
from streams.settings import Settings, SettingsError


def webhooks_for(
    settings: Settings, profiles: Callable[[], Profiles], partners: Callable[[], Iterable[str]], bootstrap: str
) -> Webhooks | None:
    """None where no partner of the network has keys when the service starts. Raises SettingsError where some cannot be had.

    `profiles` and `partners` give what is in force at the time they are asked.
    """

    def references() -> dict[str, tuple[str, ...]]:
        return references_of(profiles(), frozenset(partners()))

    if not references():
        return None
    try:
        keyring = KeyringSource(references, os.environ)
    except KeysError as error:
        raise SettingsError(str(error).splitlines()) from None
    inbox = Inbox(lambda: webhook_producer(bootstrap, settings.kafka_client()))
    return Webhooks(keyring, profiles, inbox, per_second=settings.webhook_rate, clock=lambda: datetime.now(UTC))
