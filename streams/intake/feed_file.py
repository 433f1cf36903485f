"""What the feeds of all formats say in a partner's profile."""

from typing import Literal

import msgspec


class FeedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="format"):
    """A feed: a stretch of a partner's data in one format. `source` is that of its events (CloudEvents)."""

    source: str
    transport: Literal["topic", "files", "webhook"] = "topic"
    zone: str | None = None
    """IANA; the partner's where it is None."""
