"""What an entry of the audit trail says, and how entries are chained: each hash covers every field and the hash before.

Pure: it makes rows from entries, and asks neither clock nor database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring  # pyright: ignore[reportUnknownVariableType] - (str) -> str, written in C
from typing import Any, Final

import msgspec

from alerting.canonical import NotCanonicalError, canonical


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to what, when and why (21 CFR 11.10(e), EU Annex 11)."""

    at: datetime
    """When: aware, kept in UTC."""
    actor: str
    """Who: a person's name, or that of this service."""
    authenticated: str
    """How we know: `service`, `cli`, `link`, `api`."""
    source: str
    """By which way it came: `system`, `console`, `api`, `chat`."""
    action: str
    """What, as `noun.verb`: `alert.opened`, `silence.ended`."""
    object: str
    """To what: `alert/ID`."""
    zone: str = "UTC"
    """The IANA time zone of the actor, in which `at` was a time of the day."""
    on_behalf_of: str | None = None
    version: str | None = None
    """Of the object, after this."""
    old: Any = None
    """JSON: what it was. None: nothing, or not known."""
    new: Any = None
    """JSON: what it is now."""
    reason: str | None = None
    correlation: str | None = None
    """What links the entries of one happening, also in other systems: an event, a message, a request."""
    rulebook: str | None = None
    """The version of the rules that decided."""
    inputs: str | None = None
    """Hash of what the decision rested on: `hash_of`."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends: the next entry is number `sequence + 1` and names `hash` as the one before."""

    sequence: int
    hash: str


START: Final = End(0, "0" * 64)
"""The end of a chain that has no entry yet."""

TEXTS: Final = (
    "action", "actor", "at", "authenticated", "chain", "correlation", "inputs", "key_id", "object", "on_behalf_of",
    "previous", "reason", "rulebook", "source", "version", "zone",
)  # fmt: skip
"""Fields that are text or absent."""
FIELDS: Final = tuple(sorted((*TEXTS, "new", "old", "sequence")))
"""All that the hash covers, in the order of RFC 8785; `old` and `new` are canonical JSON already."""

Row = dict[str, Any]
"""A row of the table `audit`, by column."""


def seal(chain: str, end: End, entries: Iterable[Entry], key_id: str | None) -> tuple[list[Row], End]:
    """The rows that lengthen the chain by these entries, and where it ends then.

    Raises NotCanonicalError for an entry that says what no hash can be made of; the chain then is as it was.
    """
    rows: list[Row] = []
    for entry in entries:
        row = _row(chain, end, entry, key_id)
        row["hash"] = digest(row | {"at": instant(entry.at), "old": json_of(entry.old), "new": json_of(entry.new)})
        rows.append(row)
        end = End(row["sequence"], row["hash"])
    return rows, end


def digest(fields: Mapping[str, Any]) -> str:
    """The hash of a row whose `at` is text by `instant`, and whose `old` and `new` are canonical JSON text or None.

    SHA-256 of the canonical JSON object of all FIELDS, in hexadecimal. It is put together here because the names are
    known and sorted: a fifth of the time. Raises NotCanonicalError.
    """
    parts: list[str] = []
    for name in FIELDS:
        value = fields[name]
        if value is None:
            text = "null"
        elif name == "sequence":
            text = str(int(value))
        elif not isinstance(value, str):
            raise NotCanonicalError(f"{name} is {type(value).__name__}, not text")
        else:
            text = value if name in ("old", "new") else encode_basestring(value)
        parts.append(f'"{name}":{text}')
    try:
        return sha256(f"{{{','.join(parts)}}}".encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise NotCanonicalError(f"text with half a surrogate pair: {error}") from None


def instant(at: datetime) -> str:
    """A time as it is hashed: RFC 3339 in UTC, with microseconds. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone: give an aware datetime")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def json_of(value: Any) -> str | None:
    """A JSON value as it is hashed and kept; None stays None."""
    return None if value is None else canonical(value).decode()


def hash_of(inputs: Mapping[str, Any] | Sequence[Any]) -> str:
    """The hash of a decision's inputs, for `Entry.inputs`: SHA-256 of their canonical JSON, in hexadecimal."""
    return sha256(canonical(inputs)).hexdigest()


def _row(chain: str, end: End, entry: Entry, key_id: str | None) -> Row:
    return {
        "chain": chain, "sequence": end.sequence + 1, "at": entry.at, "zone": entry.zone, "actor": entry.actor,
        "authenticated": entry.authenticated, "on_behalf_of": entry.on_behalf_of, "source": entry.source,
        "action": entry.action, "object": entry.object, "version": entry.version, "old": entry.old, "new": entry.new,
        "reason": entry.reason, "correlation": entry.correlation, "rulebook": entry.rulebook, "inputs": entry.inputs,
        "previous": end.hash, "key_id": key_id,
    }  # fmt: skip
