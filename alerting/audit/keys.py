"""Ed25519 keys that sign checkpoints: made, read from PEM, and named by what they are."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class KeyFault(ValueError):
    """This is not a key that can be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures. Whoever verifies must have it from elsewhere than the database or the checkpoints."""

    id: str
    """The first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    key: Ed25519PublicKey

    @classmethod
    def of(cls, key: Ed25519PublicKey) -> Self:
        return cls(sha256(key.public_bytes_raw()).hexdigest()[:16], key)

    @classmethod
    def read(cls, pem: bytes, origin: str) -> Self:
        """From PEM, as `SigningKey.public.pem` writes it. Raises KeyFault, which names the origin."""
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFault(f"{origin}: this is no public key in PEM; `bellwether audit key new` writes one") from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFault(f"{origin}: this is not an Ed25519 key; `bellwether audit key new` makes one")
        return cls.of(key)

    @property
    def pem(self) -> bytes:
        return self.key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the owner of the key signed this message."""
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs checkpoints; whoever has it can make others believe another past. Never shown nor logged."""

    public: PublicKey
    key: Ed25519PrivateKey

    @classmethod
    def of(cls, key: Ed25519PrivateKey) -> Self:
        return cls(PublicKey.of(key.public_key()), key)

    @classmethod
    def new(cls) -> Self:
        return cls.of(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, pem: bytes, origin: str) -> Self:
        """From PEM (PKCS #8, without a password). Raises KeyFault, which names the origin and never shows the key."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except TypeError:
            raise KeyFault(f"{origin}: this key is locked by a password; write it down without one") from None
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFault(f"{origin}: this is no private key in PEM; `bellwether audit key new` makes one") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFault(f"{origin}: this is not an Ed25519 key; `bellwether audit key new` makes one")
        return cls.of(key)

    @property
    def pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def __repr__(self) -> str:
        return f"SigningKey({self.public.id})"
