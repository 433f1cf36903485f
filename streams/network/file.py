"""How a network is written in `network.yaml`: the shape of each entry. Codes are the keys of their entries."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from streams.events.types import DAY, Stage, Unit

Code = Annotated[str, Meta(min_length=1, max_length=200)]
Day = Annotated[str, Meta(pattern=DAY)]
Positive = Annotated[float, Meta(gt=0, le=1e12)]
NotNegative = Annotated[float, Meta(ge=0, le=1e12)]
Share = Annotated[float, Meta(gt=0, le=1)]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the file. A field that it does not know is refused: it is a slip of the pen."""


class LineEntry(Entry, frozen=True, kw_only=True):
    stage: Stage
    hours_per_week: NotNegative


class SiteEntry(Entry, frozen=True, kw_only=True):
    name: str
    zone: str = "UTC"
    country: str | None = None
    region: str | None = None
    closed: tuple[Day, ...] = ()
    lines: dict[Code, LineEntry] = {}


class PartnerEntry(Entry, frozen=True, kw_only=True):
    name: str
    silent_after_hours: Positive = 48.0
    sites: dict[Code, SiteEntry] = {}


class MaterialEntry(Entry, frozen=True, kw_only=True):
    name: str
    uom: Unit
    release_days: NotNegative = 0.0
    temp_min: float | None = None
    temp_max: float | None = None
    product: Code | None = None
    material_class: Code | None = msgspec.field(default=None, name="class")


class StageEntry(Entry, frozen=True, kw_only=True):
    """One stage of a product at one site. `inputs`: for each material, how much of it one unit of the output takes."""

    stage: Stage
    site: Code
    lines: tuple[Code, ...]
    output: Code
    batch_size: Positive
    inputs: dict[Code, Positive] = {}
    cycle_days: NotNegative = 7.0
    release_days: NotNegative = 14.0
    hours: NotNegative = 40.0


class ProductEntry(Entry, frozen=True, kw_only=True):
    name: str
    stages: tuple[StageEntry, ...] = ()


class SourceEntry(Entry, frozen=True, kw_only=True):
    supplier: Code
    material: Code
    site: Code
    lead_time_days: NotNegative
    share: Share = 1.0
    moq: NotNegative = 0.0


class DemandEntry(Entry, frozen=True, kw_only=True):
    material: Code
    site: Code
    per_week: NotNegative
    first_day: Day | None = None
    last_day: Day | None = None


class SafetyStockEntry(Entry, frozen=True, kw_only=True):
    material: Code
    site: Code
    qty: NotNegative


class ContactEntry(Entry, frozen=True, kw_only=True):
    name: str
    role: str
    receiver: str | None = None
    scope: tuple[Code, ...] = ()


class NetworkFile(Entry, frozen=True, kw_only=True):
    """The sections of the file. Their entries are read one by one, so that each can tell its own problem."""

    partners: dict[Code, Any] = {}
    materials: dict[Code, Any] = {}
    products: dict[Code, Any] = {}
    sources: list[Any] = []
    demand: list[Any] = []
    safety_stock: list[Any] = []
    contacts: list[Any] = []
