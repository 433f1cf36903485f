"""One message through Apprise to one address, and what is known of its fate afterwards."""

import copy
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

from alerting.addresses import AddressError, resolve
from alerting.configuration.model import Contact
from alerting.delivery.fates import Delivery, Fate, judge
from alerting.delivery.threads import Strand, answer_field, marks, reference
from alerting.delivery.wire import Exchange, Listener, Wire, under_way, watch
from alerting.wording.single import Message
from risk_rules.findings import Severity

# What Apprise says of a failure stands only in its log, at DEBUG next to the whole address. So its logger is wide open,
# leads nowhere, and is read from each call.
_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)
_log.propagate = False
_log.addHandler(Listener())

# What Apprise sends with writes paths, and so tokens, to its logs.
for _chatty in ("urllib3", "requests_oauthlib", "oauthlib"):
    logging.getLogger(_chatty).setLevel(logging.ERROR)

_apprise: Any = Apprise  # its annotations are not complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message as it goes out."""

    message: Message
    severity: Severity
    resolved: bool
    strand: Strand


class Channel:
    """An address. Sending blocks and may be done from many threads; `scheme` is the kind of service.

    `per_second` is how many messages the service takes, None when it knows no limit. `address_id` is a name for the
    address that does not give it away. `answers`: the service can put a message under an earlier one.
    """

    def __init__(self, contact: str, url: str, *, timeout_seconds: float, per_second: float | None = None) -> None:
        self.contact = contact
        self._timeout_seconds = timeout_seconds
        self._plugin = _plugin(contact, url, timeout_seconds)
        self.scheme = url.partition(":")[0].lower()
        self.address_id = str(self._plugin.url_id() or "")
        self._answer_field = answer_field(self._plugin)
        gap = float(self._plugin.request_rate_per_sec)  # seconds between messages, whatever its name says
        self.per_second = per_second if per_second is not None else (1 / gap if gap > 0 else None)
        self._plugin.request_rate_per_sec = 0  # ours is kept for all dispatchers; it would sleep in each copy
        self._own = threading.local()
        self._wires: list[Wire] = []

    def __repr__(self) -> str:
        return f"Channel({self.contact!r}, {self.scheme}, {self.address_id})"

    @property
    def answers(self) -> bool:
        return self._answer_field is not None

    def send(self, parcel: Parcel) -> Delivery:
        """Send one message and wait for the answer."""
        plugin = copy.copy(self._plugin)  # headers belong to one message, and making it anew costs as much as sending
        added = marks(parcel.strand, self._answer_field, _mail_host(plugin))
        exchange = Exchange(
            wire=self._wire(), within_seconds=self._timeout_seconds, headers=added.headers, fields=added.fields,
            message_id=added.message_id,
        )  # fmt: skip
        if hasattr(plugin, "headers"):
            plugin.headers = {**plugin.headers, **added.headers}
        kind = NotifyType.SUCCESS if parcel.resolved else _TYPES[parcel.severity]
        with under_way(exchange):
            accepted = plugin.notify(
                title=parcel.message.title, body=parcel.message.body, notify_type=kind, body_format=NotifyFormat.TEXT
            )
        if not accepted:
            return judge(exchange, "\n".join(exchange.said), datetime.now(UTC))
        name = None if self._answer_field is None else reference(exchange.answer, self._answer_field)
        return Delivery(Fate.SENT, "accepted", None, name)

    def close(self) -> None:
        """Let go of connections. What hangs in one comes to its own end."""
        for wire in self._wires:
            wire.close()

    def _wire(self) -> Wire:
        wire: Wire | None = getattr(self._own, "wire", None)
        if wire is None:
            wire = self._own.wire = Wire()
            self._wires.append(wire)
        return wire


def open_channel(contact: Contact, environment: Mapping[str, str], *, timeout_seconds: float) -> Channel:
    """The channel of a contact. Raises `AddressError`, which never shows the address."""
    url = resolve(contact.name, contact.address, environment)
    return Channel(contact.name, url, timeout_seconds=timeout_seconds, per_second=contact.per_second)


def open_channels(
    contacts: Mapping[str, Contact], environment: Mapping[str, str], *, timeout_seconds: float
) -> dict[str, Channel]:
    """The channel of each contact. Raises `AddressError` with all that is wrong, a line for each contact."""
    channels: dict[str, Channel] = {}
    faults: list[str] = []
    for name, contact in contacts.items():
        try:
            channels[name] = open_channel(contact, environment, timeout_seconds=timeout_seconds)
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


def _plugin(contact: str, url: str, timeout_seconds: float) -> Any:
    # Apprise's own time limit would hand the work to a small pool that all channels share: a slow one blocks all.
    asset = AppriseAsset(
        http_redirects=False,
        service_timeout=0,
        storage_mode="memory",
        app_id="Bellwether",
        interpret_emojis=False,
        image_url_mask="",
    )
    plugin = _apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise AddressError(f"contact {contact}: its address is not one that Apprise can use")
    plugin.retry, plugin.optional, plugin.redirects = 0, False, False  # whatever the address asks for
    if len(plugin) > 1 or getattr(plugin, "cc", None) or getattr(plugin, "bcc", None):
        raise AddressError(
            f"contact {contact}: its address names several recipients, and nobody could tell which of them a message "
            "reached: give each one a contact of its own"
        )
    plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, timeout_seconds)
    plugin.socket_read_timeout = min(plugin.socket_read_timeout, timeout_seconds)
    watch(plugin)
    return plugin


def _mail_host(plugin: Any) -> str | None:
    """The host of a mail's sender; None for what is no mail."""
    if plugin.protocol != "mailto":
        return None
    return str(plugin.from_addr[1]).rpartition("@")[2] or str(plugin.host)
