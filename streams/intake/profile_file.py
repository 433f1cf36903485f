"""What a partner's profile says, as it stands in YAML: one file a partner. Its feeds say the rest, each by its format."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from streams.events.types import Unit

Share = Annotated[float, Meta(gt=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Code = Annotated[str, Meta(min_length=1, max_length=200)]


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How old the newest word of each family of events may become, such as `24h` or `7d`; None where nothing is agreed."""

    shipment: str | None = None
    raw_material: str | None = None
    batch: str | None = None
    deviation: str | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the intake of a partner stops: after so many refused records in a row, or such a share of the last ones."""

    consecutive_rejects: Count = 100
    rejected_share: Share = 0.5
    among: Count = 1000


class WebhookFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the keys lie by which the partner signs what it sends over HTTP: `env:NAME` or `file:PATH`, the newest first.

    None: it cannot send anything so.
    """

    secrets: tuple[Annotated[str, Meta(pattern="^(env|file):.")], ...] = ()


class ProfileFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner: who is asked about its feeds, what is expected of them, its codes and units, and the feeds by name.

    `tables`: its codes and ours, by table; `units`: its units and those of UN/ECE Rec 20; `zone`: that of its feeds.
    The feeds are read one by one, so that each can tell its own problem.
    """

    partner: Code
    zone: str = "UTC"
    contacts: tuple[str, ...] = ()
    expected: Expected = Expected()
    limits: Limits = Limits()
    webhook: WebhookFile = WebhookFile()
    tables: dict[str, dict[str, str]] = {}
    units: dict[str, Unit] = {}
    feeds: dict[str, Any] = {}
