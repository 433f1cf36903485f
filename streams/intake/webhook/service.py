"""The webhooks of a service: put together from its settings, where any partner has keys for them."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime

from streams.intake import profile as intake_profiles
from streams.intake.webhook.endpoint import Webhooks
from streams.intake.webhook.inbox import Inbox, webhook_producer
from streams.intake.webhook.keyring import KeyringSource, KeysError, references_of
from streams.settings import Settings, SettingsError


def webhooks_for(settings: Settings, partners: Iterable[str], bootstrap: str) -> Webhooks | None:
    """None where no partner of the network has keys. Raises SettingsError where some cannot be had, `DocumentError`."""
    profiles = intake_profiles.load_all(settings.profiles)
    references = references_of(profiles, frozenset(partners))
    if not references:
        return None
    try:
        keyring = KeyringSource(lambda: references, os.environ)
    except KeysError as error:
        raise SettingsError(str(error).splitlines()) from None
    inbox = Inbox(lambda: webhook_producer(bootstrap, settings.kafka_client()))
    return Webhooks(keyring, lambda: profiles, inbox, per_second=settings.webhook_rate, clock=lambda: datetime.now(UTC))
