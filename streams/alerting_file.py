"""The alerting file of a running service: what is in force of it, and what the metrics tell of each look at it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from alerting.configuration.configuration import Configuration
from alerting.configuration.source import ConfigurationSource, Result
from alerting.delivery.channels import open_channels
from alerting.delivery.pace import Pace
from risk_rules.problems import DocumentError
from streams import metrics
from streams.settings import Settings
from streams.vocabulary import known_of

log = structlog.get_logger(__name__)


def alerting_source(settings: Settings, *, sends: bool) -> ConfigurationSource | None:
    """The source of the settings' file; None without one. `sends`: the addresses have to be usable here, too.

    Raises `DocumentError` or `AddressError` with all that is wrong.
    """
    if settings.alerting is None:
        log.warning("no alerting file is set: alerts are kept and nobody is told of them")
        return None
    return ConfigurationSource(
        settings.alerting, clock=lambda: datetime.now(UTC), tally=_tally, prepare=_usable if sends else _any,
        known=lambda: _known(settings),
    )  # fmt: skip


def _usable(configuration: Configuration) -> None:
    open_channels(configuration.contacts, os.environ, timeout_seconds=Pace().send_seconds)


def _any(configuration: Configuration) -> None:
    """Who does not send need not know the addresses."""


def _known(settings: Settings) -> Mapping[str, frozenset[str]]:
    """Nothing while the rulebooks or the network are being mended: that is said elsewhere."""
    try:
        return known_of(settings)
    except DocumentError:
        return {}


def _tally(result: Result, at: datetime) -> None:
    refused = result is Result.REFUSED
    metrics.alerting_reloads.labels(result.value).inc()
    metrics.alerting_reload_successful.set(0 if refused else 1)
    if not refused:
        metrics.alerting_reload_time.set(at.timestamp())
