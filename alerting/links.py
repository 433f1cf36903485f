"""Links in messages by which their reader can act: signed, for one alert and one reader, and only for a time.

A link alone changes nothing: it leads to a page that shows what can be done. What the page sends back is signed too, and
names the version of the alert that was shown, so that it works once: after any act the alert has another version.
Signatures are HMAC-SHA-256 (RFC 2104), compared in constant time.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

LINK_LIVES: Final = timedelta(days=14)
PAGE_LIVES: Final = timedelta(hours=1)
LEAST_KEY_BYTES: Final = 32
LONGEST: Final = 600


class Purpose(StrEnum):
    """What a token is for: one made for a link is no token of a page."""

    LINK = "link"
    PAGE = "page"


class LinkRefusedError(ValueError):
    """A token that is none of ours, or is over; the words are for the person who followed it."""


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """What a token allows: to act on one alert as the reader of a message. `version`: of the alert that a page showed."""

    purpose: Purpose
    alert_id: str
    receiver: str
    expires: int  # seconds since 1970
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """Keys by their ids; the first signs, all verify, so that a key can be changed while its links live."""

    by_id: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"LinkKeys({', '.join(self.by_id)})"

    @classmethod
    def parse(cls, text: str) -> "LinkKeys":
        """Keys one a line or separated by commas, each of 32 bytes or more. Raises `ValueError`, and shows none."""
        keys = [part.strip().encode() for line in text.splitlines() for part in line.split(",") if part.strip()]
        if not keys or any(len(key) < LEAST_KEY_BYTES for key in keys):
            raise ValueError(
                f"a key for links has {LEAST_KEY_BYTES} characters at least: make one with `openssl rand -hex 32`"
            )
        return cls({blake2b(key, digest_size=4, person=b"link key").hexdigest(): key for key in keys})


def link_token(keys: LinkKeys, alert_id: str, receiver: str, now: datetime) -> str:
    """A token for a link in a message to a receiver about an alert."""
    return _signed(keys, Grant(Purpose.LINK, alert_id, receiver, _expires(now + LINK_LIVES)))


def links_at(public_url: str, keys: LinkKeys) -> Callable[[str, str, datetime], str]:
    """Gives the address at which a receiver can act on an alert, for a message of a time."""
    base = public_url.rstrip("/")
    return lambda alert_id, receiver, at: f"{base}/act/{link_token(keys, alert_id, receiver, at)}"


def page_token(keys: LinkKeys, link: Grant, version: int, now: datetime) -> str:
    """A token for the page that a link leads to, which shows an alert of this version."""
    return _signed(keys, Grant(Purpose.PAGE, link.alert_id, link.receiver, _expires(now + PAGE_LIVES), version))


def granted(keys: LinkKeys, token: str, purpose: Purpose, now: datetime) -> Grant:
    """What a token allows. Raises `LinkRefusedError` for one that is forged, for something else, or over."""
    key_id, _, rest = token[:LONGEST].partition(".")
    payload, _, signature = rest.partition(".")
    key = keys.by_id.get(key_id)
    # An unknown key is checked like a known one, so that the time to refuse tells nothing.
    right = hmac.compare_digest(
        _signature(key or b"\0" * LEAST_KEY_BYTES, payload), signature.encode("utf-8", "replace")
    )
    if key is None or not right:
        raise LinkRefusedError("this link is not one of ours: open the newest message about the alert")
    try:
        grant = msgspec.json.decode(urlsafe_b64decode(_padded(payload)), type=Grant)
    except (msgspec.DecodeError, NotBase64, ValueError):
        raise LinkRefusedError("this link is not one of ours: open the newest message about the alert") from None
    if grant.purpose is not purpose:
        raise LinkRefusedError("this link is for something else: open the newest message about the alert")
    if now.timestamp() >= grant.expires:
        raise LinkRefusedError("this link is over: open a newer message, or use `bellwether alerts`")
    return grant


def _signed(keys: LinkKeys, grant: Grant) -> str:
    key_id, key = next(iter(keys.by_id.items()))
    payload = urlsafe_b64encode(msgspec.json.encode(grant)).decode().rstrip("=")
    return f"{key_id}.{payload}.{_signature(key, payload).decode()}"


def _signature(key: bytes, payload: str) -> bytes:
    digest = hmac.digest(key, payload.encode("utf-8", "replace"), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=")


def _padded(payload: str) -> str:
    return payload + "=" * (-len(payload) % 4)


def _expires(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())
