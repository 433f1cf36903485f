"""A signed statement of where all chains end at a time. Each names the one before, so none can be left out.

Pure: text and keys in, text out. A checkpoint is one line of canonical JSON; its signature covers all of the rest.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from alerting.audit.entry import START, End, instant
from alerting.audit.keys import PublicKey, SigningKey
from alerting.canonical import NotCanonicalError, canonical

FORMAT: Final = 1
_PURPOSE: Final = b"bellwether audit checkpoint\n"
"""Signed in front of the statement: a signature by the same key over something else is none of a checkpoint."""


class CheckpointFault(ValueError):
    """A checkpoint is not what this service wrote, or stands where it should not; the message says how."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a checkpoint says; the fields of its line without the signature."""

    format: int
    number: int
    """From 1, without a gap."""
    at: str
    writer: str
    """The worker that made it."""
    previous: str
    """The hash of the checkpoint before; that of START for the first."""
    key_id: str
    ends: dict[str, tuple[int, str]]
    """By chain: the number of its last entry, and that entry's hash."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as it is kept: `line` has no line break."""

    said: Statement
    signature: bytes
    line: bytes

    @property
    def hash(self) -> str:
        """What the next one calls it, and what people may note elsewhere. In hexadecimal."""
        return sha256(self.line).hexdigest()

    @property
    def ends(self) -> dict[str, End]:
        return {chain: End(*end) for chain, end in self.said.ends.items()}


def sign(key: SigningKey, before: Checkpoint | None, ends: Mapping[str, End], at: datetime, writer: str) -> Checkpoint:
    """The next checkpoint after `before`."""
    said = Statement(
        format=FORMAT, number=1 if before is None else before.said.number + 1, at=instant(at), writer=writer,
        previous=START.hash if before is None else before.hash, key_id=key.public.id,
        ends={chain: (end.sequence, end.hash) for chain, end in ends.items()},
    )  # fmt: skip
    fields = msgspec.to_builtins(said)
    signature = key.key.sign(_PURPOSE + canonical(fields))
    line = canonical(fields | {"signature": base64.b64encode(signature).decode()})
    return Checkpoint(said, signature, line)


def read(line: bytes) -> Checkpoint:
    """A checkpoint from its line, not yet checked against a key. Raises CheckpointFault for any other text."""
    try:
        fields: Any = json.loads(line)
        if not isinstance(fields, dict) or canonical(fields) != line:
            raise CheckpointFault("it is not written the one way that checkpoints are")
        rest: dict[str, Any] = {**fields}
        signature = base64.b64decode(rest.pop("signature"), validate=True)
        said = msgspec.convert(rest, Statement)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise CheckpointFault("it is no JSON: it was cut, or something else was written here") from None
    except (KeyError, TypeError, binascii.Error, msgspec.ValidationError, NotCanonicalError) as error:
        raise CheckpointFault(f"it has not the fields of a checkpoint: {error}") from None
    if said.format != FORMAT:
        raise CheckpointFault(f"it is of format {said.format}, this program knows {FORMAT}")
    return Checkpoint(said, signature, line)


@dataclass(slots=True)
class Succession:
    """Checks checkpoints one after another, from the first: links, numbers, signatures, and that no chain grew shorter."""

    keys: Mapping[str, PublicKey]
    last: Checkpoint | None = None
    _retired: set[str] = field(default_factory=set[str])

    def take(self, checkpoint: Checkpoint) -> None:
        """Take the next one. Raises CheckpointFault; the succession is then as it was."""
        said, last = checkpoint.said, self.last
        check_signature(checkpoint, self.keys)
        number, previous = (0, START.hash) if last is None else (last.said.number, last.hash)
        if said.number != number + 1:
            raise CheckpointFault(f"it is number {said.number}, and {number + 1} should come here")
        if said.previous != previous:
            raise CheckpointFault(f"it does not follow on number {number}: one of the two was replaced")
        if said.key_id in self._retired:
            raise CheckpointFault(f"key {said.key_id} signed it after another had taken its place")
        for chain, end in () if last is None else last.ends.items():
            if said.ends.get(chain, (0, ""))[0] < end.sequence:
                raise CheckpointFault(f"chain {chain} ends before entry {end.sequence}, where number {number} saw it")
        if last is not None and last.said.key_id != said.key_id:
            self._retired.add(last.said.key_id)
        self.last = checkpoint


def check_signature(checkpoint: Checkpoint, keys: Mapping[str, PublicKey]) -> None:
    """Raise CheckpointFault unless one of these keys signed it."""
    said = checkpoint.said
    if (key := keys.get(said.key_id)) is None:
        raise CheckpointFault(f"it is signed by key {said.key_id}, whose public key was not given")
    if not key.signed(_PURPOSE + canonical(msgspec.to_builtins(said)), checkpoint.signature):
        raise CheckpointFault(f"its signature is not that of key {said.key_id} over what it says")
