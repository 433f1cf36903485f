"""Whether a request is of a partner: the signatures of Standard Webhooks 1.0.0 (specification, "Signature scheme"). Pure.

Signed is `id.timestamp.body`. A symmetric secret (`whsec_`, HMAC-SHA256) signs as `v1,...`, an Ed25519 key, of which we have
the public part (`whpk_`), as `v1a,...`, all in base64. The header lists as many signatures as the sender has keys, and the
receiver may know several keys: so either side changes its keys without a gap.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clock of the sender, and what the way takes, may be off."""

LONGEST_ID: Final = 255
MOST_SIGNATURES: Final = 8
SECRET_BYTES: Final = range(24, 65)
"""What the specification asks of a symmetric secret."""


class UnusableKey(ValueError):
    """A key is not written as the specification asks. Never shows the key."""


class Signed(NamedTuple):
    """What a request says of itself; empty texts where it says nothing."""

    id: str
    timestamp: str
    signatures: str


class Keys(NamedTuple):
    """The keys by which one partner signs."""

    secrets: tuple[bytes, ...] = ()
    public: tuple[Ed25519PublicKey, ...] = ()


def keys(texts: Sequence[str]) -> Keys:
    """The keys that `whsec_...` and `whpk_...` stand for. Raises `UnusableKey`."""
    secrets: list[bytes] = []
    public: list[Ed25519PublicKey] = []
    for text in texts:
        prefix, parted, encoded = text.partition("_")
        if not parted or prefix not in ("whsec", "whpk"):
            raise UnusableKey("a secret begins with whsec_ and a public key with whpk_; this begins with neither")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise UnusableKey(f"what follows {prefix}_ is not base64") from None
        if prefix == "whsec":
            if len(raw) not in SECRET_BYTES:
                raise UnusableKey(f"a secret has 24 to 64 bytes; this has {len(raw)}")
            secrets.append(raw)
        else:
            if len(raw) != 32:
                raise UnusableKey(f"a public key has 32 bytes; this has {len(raw)}")
            public.append(Ed25519PublicKey.from_public_bytes(raw))
    return Keys(tuple(secrets), tuple(public))


class Keyring:
    """The keys of all partners. A check costs the same for each of them and for one that is not there.

    Everybody's keys are filled up with keys that nobody has, to as many as the one with the most of them has.
    """

    def __init__(self, by_partner: Mapping[str, Keys]) -> None:
        width = max((len(one.secrets) for one in by_partner.values()), default=0) or 1
        public = max((len(one.public) for one in by_partner.values()), default=0)
        nobody = Keys(
            tuple(os.urandom(32) for _ in range(width)),
            tuple(Ed25519PrivateKey.generate().public_key() for _ in range(public)),
        )
        self._nobody = nobody
        self._keys = {
            partner: Keys(
                (*one.secrets, *nobody.secrets)[: len(nobody.secrets)],
                (*one.public, *nobody.public)[: len(nobody.public)],
            )
            for partner, one in by_partner.items()
            if one.secrets or one.public
        }

    @property
    def partners(self) -> frozenset[str]:
        """Those who have keys."""
        return frozenset(self._keys)

    def is_of(self, partner: str, signed: Signed, body: bytes, now: datetime) -> bool:
        """Whether the partner signed this, lately."""
        known = self._keys.get(partner, self._nobody)
        content = f"{signed.id}.{signed.timestamp}.".encode("utf-8", "surrogateescape") + body
        given = signed.signatures.split(" ")[:MOST_SIGNATURES]
        ours = [b"v1," + base64.b64encode(hmac.digest(secret, content, "sha256")) for secret in known.secrets]
        theirs = [one.encode("utf-8", "surrogateescape") for one in given]
        # Every comparison is made: an `or` would end with the first that fits, and its time would tell which.
        fits = sum(hmac.compare_digest(one, other) for one in ours for other in theirs)
        fits += sum(_verifies(key, one, content) for key in known.public for one in given)
        return bool(fits) & (partner in self._keys) & _is_well_formed(signed) & _is_of_now(signed.timestamp, now)


def _verifies(key: Ed25519PublicKey, given: str, content: bytes) -> bool:
    version, _, encoded = given.partition(",")
    if version != "v1a":
        return False
    try:
        key.verify(base64.b64decode(encoded, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_well_formed(signed: Signed) -> bool:
    """A point in the id would leave open where it ends and the timestamp begins."""
    return (
        0 < len(signed.id) <= LONGEST_ID
        and signed.id.isascii()
        and signed.id.isprintable()
        and "." not in signed.id
        and signed.timestamp.isascii()
        and signed.timestamp.isdecimal()
        and len(signed.timestamp) <= 12
    )


def _is_of_now(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()


def sign(secret: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """The signature that a sender gives: for tests of a feed, and for the simulator."""
    content = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
