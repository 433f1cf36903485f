"""The value types that the events share: identifiers, quantities, times and closed sets."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

Identifier = Annotated[str, Meta(min_length=1, max_length=200)]
"""A code or a number as its owner writes it; compared letter by letter."""

Text = Annotated[str, Meta(max_length=4000)]

Time = Annotated[datetime, Meta(tz=True)]
"""An instant, RFC 3339 with an offset. A time without an offset is refused: nobody knows when it was."""

DAY = r"^\d{4}-\d{2}-\d{2}$"
"""How a day is written: the schema says so, and the intake and the ledger check it (a pattern here would be slow)."""

Day = Annotated[str, Meta(max_length=10, extra_json_schema={"pattern": DAY})]
"""A calendar day of the site, ISO 8601 (`2026-03-31`)."""

Week = Annotated[str, Meta(pattern=r"^\d{4}-W\d{2}$")]
"""A calendar week of the site, ISO 8601 (`2026-W14`)."""

Quantity = Annotated[float, Meta(ge=0, le=1e12)]
"""An amount in the unit beside it (`uom`, UN/ECE Recommendation 20)."""

SignedQuantity = Annotated[float, Meta(ge=-1e12, le=1e12)]
"""A change of an amount in the unit beside it."""

Yield = Annotated[float, Meta(ge=0, le=2)]
"""The part of a planned amount that is expected to come out: mostly below 1, and now and then a little above."""

Unit = Annotated[str, Meta(min_length=1, max_length=3)]
"""A UN/ECE Recommendation 20 common code: KGM, GRM, LTR, C62 and so on."""

Celsius = Annotated[float, Meta(gt=-273.15, le=1000)]
Hours = Annotated[float, Meta(ge=0, le=10_000)]
Minutes = Annotated[float, Meta(ge=0, le=10_000_000)]
Days = Annotated[float, Meta(ge=0, le=10_000)]


class Disposition(StrEnum):
    """What quality allows a lot to be used for."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"
    ON_HOLD = "on_hold"
    CONDITIONAL_RELEASE = "conditional_release"
    REWORK = "rework"


class DispositionBy(StrEnum):
    """Whose quality unit decided. A CDMO's release is not the sponsor's (21 CFR 211.22)."""

    CDMO = "cdmo"
    SPONSOR = "sponsor"


class Stage(StrEnum):
    """A stage of manufacture."""

    DRUG_SUBSTANCE = "DS"
    DRUG_PRODUCT = "DP"
    PACKAGING = "PKG"


class Mode(StrEnum):
    """A mode of transport."""

    AIR = "air"
    OCEAN = "ocean"
    ROAD = "road"
    RAIL = "rail"
    PARCEL = "parcel"


class DeviationClass(StrEnum):
    """How much a deviation may harm the patient or the product."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class DeviationType(StrEnum):
    """A departure from procedure, or a result out of specification or out of trend."""

    DEVIATION = "deviation"
    OOS = "OOS"
    OOT = "OOT"


class QcResult(StrEnum):
    """The result of one quality-control test."""

    PASS = "pass"  # noqa: S105 - a test's result, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class BatchImpact(StrEnum):
    """Whether a deviation touches the batches that it names."""

    NONE = "none"
    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
