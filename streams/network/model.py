"""The network: who makes what from what, where, how fast, and who needs it. Reference data, immutable."""

from collections.abc import Mapping

import msgspec

from risk_rules.working_days import Calendar
from streams.events.types import Stage


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """A contract manufacturer. Its feed is silent when nothing came from a site for `silent_after_hours`."""

    code: str
    name: str
    silent_after_hours: float = 48.0


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A plant of a partner. `zone` is its IANA time zone, `country` and `region` by ISO 3166, `closed` days of its own."""

    code: str
    partner: str
    name: str
    zone: str = "UTC"
    country: str | None = None
    region: str | None = None
    closed: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A suite or line. `hours_per_week` is what it gives unless the partner reports otherwise."""

    code: str
    site: str
    stage: Stage
    hours_per_week: float


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """Anything consumed or made. `release_days`: from receipt in quarantine to release. Temperatures in Celsius.

    `material_class`: what sort it is (api, excipient, vial ...), for rules and parameters that hold for all of a sort.
    """

    code: str
    name: str
    uom: str
    release_days: float = 0.0
    temp_min: float | None = None
    temp_max: float | None = None
    product: str | None = None
    material_class: str | None = None


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """`qty` of a material (in its own unit) for one unit of the output."""

    material: str
    qty: float


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """How one stage of a product is made at a site: its output, its bill of material, its pace.

    `batch_size` in the output's unit; `cycle_days` from start to finish; `release_days` from finish to release;
    `hours` of line time a batch takes.
    """

    product: str
    stage: Stage
    site: str
    output: str
    batch_size: float
    lines: tuple[str, ...]
    inputs: tuple[Input, ...] = ()
    cycle_days: float = 7.0
    release_days: float = 14.0
    hours: float = 40.0


class Product(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier of a material to a site: another company or a site of the network.

    `share` of the volume, 0 to 1; `lead_time_days` in calendar days; `moq` in the material's unit.
    """

    supplier: str
    material: str
    site: str
    lead_time_days: float
    share: float = 1.0
    moq: float = 0.0


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """Need of a material at a site outside of any batch: `per_week` in its unit, from day to day (None: open)."""

    material: str
    site: str
    per_week: float
    first_day: str | None = None
    last_day: str | None = None


class SafetyStock(msgspec.Struct, frozen=True, kw_only=True):
    material: str
    site: str
    qty: float


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts. `scope` is a code of a material, product, site or partner; none means everything."""

    name: str
    role: str
    receiver: str | None = None
    scope: tuple[str, ...] = ()


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The whole network, by code. `version` is a hash of its content."""

    version: str
    partners: Mapping[str, Partner] = {}
    sites: Mapping[str, Site] = {}
    calendars: Mapping[str, Calendar] = {}
    """By site."""
    lines: Mapping[tuple[str, str], Line] = {}
    """By (site, line)."""
    materials: Mapping[str, Material] = {}
    products: Mapping[str, Product] = {}
    routes: Mapping[tuple[str, str, str], Route] = {}
    """By (site, product, stage)."""
    sources: Mapping[tuple[str, str], tuple[Source, ...]] = {}
    """By (site, material), the greatest share first."""
    demand: Mapping[tuple[str, str], tuple[Demand, ...]] = {}
    """By (site, material)."""
    safety_stock: Mapping[tuple[str, str], float] = {}
    """By (site, material), in the material's unit."""
    contacts: tuple[Contact, ...] = ()


EMPTY = Network(version="empty")
