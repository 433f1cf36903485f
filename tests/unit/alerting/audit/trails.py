"""Entries for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alerting.audit import Entry

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def an_entry(number: int = 1, **said: Any) -> Entry:
    """One with every field said."""
    fields: dict[str, Any] = {
        "at": MONDAY + timedelta(minutes=number, microseconds=number),
        "zone": "Asia/Kolkata",
        "actor": "a.rao",
        "authenticated": "link",
        "on_behalf_of": "planning",
        "source": "chat",
        "action": "alert.acknowledged",
        "object": f"alert/{number:032x}",
        "version": str(number),
        "old": {"state": "open", "score": 71.5},
        "new": {"state": "acknowledged", "score": 71.5, "until": None},
        "reason": "ordered „API-7“ at the second supplier",
        "correlation": f"erp {number}",
        "rulebook": "1f2e3d",
        "inputs": "ab" * 32,
    }
    return Entry(**(fields | said))
