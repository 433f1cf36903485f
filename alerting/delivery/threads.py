"""How an update of an alert comes to stand beside what was said of it before, as far as the service can do that.

Mail: References to a root that all messages of a thread to a receiver share (RFC 5322, 3.6.4: it need not exist). Slack and
Mattermost, when addressed as a bot: an answer to the first message, by what the service called that one. Others have no
threads; there the title names what the message is about. `docs/delivery.md` has the table.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerting.alerts import identity

MAIL = frozenset({"mailto", "mailtos"})
MARK_HEADER = "X-Idempotency-Key"
"""Tells a receiver over HTTP or mail which messages are repeats."""
THREAD_HEADER = "X-Thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """Where a message belongs: its thread to one receiver. `root`: what the service calls the first message of it."""

    key: str
    thread: str
    receiver: str
    first: bool
    root: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is added to a message for its strand."""

    headers: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    message_id: str | None = None


def marks(strand: Strand, answers: str | None, mail_host: str | None) -> Marks:
    """`answers`: the JSON field that makes a message an answer (`answer_field`). `mail_host`: of a mail's sender."""
    headers = {MARK_HEADER: strand.key, THREAD_HEADER: identity("thread", strand.thread, strand.receiver)}
    if mail_host is not None:
        root = f"<{headers[THREAD_HEADER]}@{mail_host}>"
        if strand.first:
            return Marks(headers=headers, message_id=root)
        links = {"In-Reply-To": root, "References": root}
        return Marks(headers=headers | links, message_id=f"<{strand.key}@{mail_host}>")
    if answers is not None and strand.root is not None:
        return Marks(headers=headers, fields={answers: strand.root})
    return Marks(headers=headers)


def answer_field(plugin: Any) -> str | None:
    """The JSON field by which a message to this service answers another; None: it has none, or not for this address."""
    if str(getattr(plugin, "mode", "")) != "bot":
        return None
    return {"mmost": "root_id", "slack": "thread_ts"}.get(str(plugin.protocol or plugin.secure_protocol))


def reference(answer: bytes, answers: str) -> str | None:
    """What the service calls the message that it accepted with this answer."""
    try:
        told: Any = json.loads(answer)
    except ValueError:
        return None
    name = {"root_id": "id", "thread_ts": "ts"}[answers]
    try:
        found = told[name]
    except (KeyError, TypeError, IndexError):
        return None
    return found[:200] if isinstance(found, str) and found else None
