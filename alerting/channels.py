"""One message through Apprise to one address, and what is known of its fate afterwards."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat, NotifyType

from alerting.addresses import AddressError, resolve
from alerting.receivers import Routing
from alerting.texts import Message
from risk_rules.findings import Severity


class Fate(StrEnum):
    """What became of a message: `unknown` may have arrived, `failed` has not but may yet, `dead` never will."""

    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`detail` is in our own words: what a service or Apprise says may hold the address."""

    fate: Fate
    detail: str


IDEMPOTENCY_HEADER = "X-Idempotency-Key"
"""Tells a receiver of plain HTTP (json, xml, form) which messages are repeats."""

# Apprise gives no status code but in its log, and the reason of a broken connection only there at DEBUG, next to the
# whole address. So its logger is wide open, leads nowhere, and is read from the result of each call.
_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)
_log.propagate = False
_log.addHandler(logging.NullHandler())

# What Apprise sends with writes paths, and so tokens, to its logs.
for _chatty in ("urllib3", "requests_oauthlib", "oauthlib"):
    logging.getLogger(_chatty).setLevel(logging.ERROR)

_apprise: Any = Apprise  # its annotations are not complete

_STATUS = re.compile(r"\berror=(\d{3})\b")
_NEVER_CONNECTED = re.compile(
    r"refused|failed to establish|name resolution|getaddrinfo|not known|unreachable|no route|connect timeout"
    r"|certificate verify failed",
    re.IGNORECASE,
)
_TRY_AGAIN = frozenset({408, 425, 429})


class Channel:
    """An address. Sending blocks and may be done from many threads; `scheme` is the kind of service.

    `per_second` is how many messages the service takes, None when it knows no limit. `address_id` is a name for the
    address that does not give it away.
    """

    def __init__(self, receiver: str, url: str, *, timeout_seconds: float, per_second: float | None = None) -> None:
        self.receiver = receiver
        self._url = url
        self._timeout_seconds = timeout_seconds
        # Apprise's own time limit would hand the work to a small pool that all channels share: a slow one blocks all.
        self._asset = AppriseAsset(
            http_redirects=False, service_timeout=0, storage_mode="memory", app_id="Bellwether", interpret_emojis=False
        )
        plugin = self._plugin()
        self.scheme = str(url.partition(":")[0].lower())
        self.address_id = str(plugin.url_id() or "")
        gap = float(plugin.request_rate_per_sec)  # seconds between messages, whatever its name says
        self.per_second = per_second if per_second is not None else (1 / gap if gap > 0 else None)

    def __repr__(self) -> str:
        return f"Channel({self.receiver!r}, {self.scheme}, {self.address_id})"

    def send(self, message: Message, *, key: str, severity: Severity, resolved: bool) -> Delivery:
        """Send one message and wait for the answer. `key` is the same for each repeat of a message."""
        plugin = self._plugin()  # a new one: headers belong to one message, and an old one sleeps to keep its rate
        if plugin.protocol in ("json", "xml", "form"):
            plugin.headers[IDEMPOTENCY_HEADER] = key
        courier = _apprise(asset=self._asset)
        courier.add(plugin)
        kind = NotifyType.SUCCESS if resolved else _TYPES[severity]
        result = courier.notify(
            body=message.body, title=message.title, notify_type=kind, body_format=NotifyFormat.TEXT,
            log_level=logging.DEBUG,
        )  # fmt: skip
        if result.status is AppriseResultStatus.SUCCESS:
            return Delivery(Fate.SENT, "accepted")
        return judge("\n".join(entry.message for entry in result.logs()))

    def _plugin(self) -> Any:
        plugin = _apprise.instantiate(self._url, asset=self._asset, suppress_exceptions=True)
        if plugin is None:
            raise AddressError(f"receiver {self.receiver}: its address is not one that Apprise can use")
        plugin.retry, plugin.optional, plugin.redirects = 0, False, False  # whatever the address asks for
        plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, self._timeout_seconds)
        plugin.socket_read_timeout = min(plugin.socket_read_timeout, self._timeout_seconds)
        return plugin


def judge(log: str) -> Delivery:
    """What became of a message that was not accepted, from what Apprise wrote about it."""
    if status := _STATUS.search(log):
        return _judge_status(int(status[1]))
    if "onnection error" in log or "Socket Exception" in log:
        if _NEVER_CONNECTED.search(log):
            return Delivery(Fate.FAILED, "no connection")
        return Delivery(Fate.UNKNOWN, "the connection ended without an answer")
    return Delivery(Fate.FAILED, "refused by the channel")


def open_channels(routing: Routing, environment: Mapping[str, str], *, timeout_seconds: float) -> dict[str, Channel]:
    """The channel of each receiver. Raises `AddressError` with all that is wrong, a line for each receiver."""
    channels: dict[str, Channel] = {}
    faults: list[str] = []
    for receiver in routing.receivers:
        try:
            url = resolve(receiver.name, receiver.address, environment)
            channels[receiver.name] = Channel(
                receiver.name, url, timeout_seconds=timeout_seconds, per_second=receiver.per_second
            )
        except AddressError as error:
            faults.append(str(error))
    if faults:
        raise AddressError("\n".join(faults))
    return channels


_TYPES = {
    Severity.WATCH: NotifyType.INFO,
    Severity.WARNING: NotifyType.WARNING,
    Severity.CRITICAL: NotifyType.FAILURE,
}


def _judge_status(status: int) -> Delivery:
    if status in _TRY_AGAIN or status >= 500:
        return Delivery(Fate.FAILED, f"HTTP {status}")
    if 300 <= status < 400:
        return Delivery(Fate.DEAD, f"HTTP {status}: redirects are not followed, give the new address")
    return Delivery(Fate.DEAD, f"HTTP {status}")
