"""For whom a message is written: what they do, and in which language, zone and units they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Self

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from alerting.configuration.model import Audience, Language, Receiver, Units
from alerting.wording.phrases import LANGUAGES, Phrases
from alerting.wording.plain import plain

_CLDR: Final[Mapping[str, str]] = {
    "KGM": "mass-kilogram", "GRM": "mass-gram", "MGM": "mass-milligram", "MC": "mass-microgram", "TNE": "mass-tonne",
    "LBR": "mass-pound", "ONZ": "mass-ounce", "LTR": "volume-liter", "DLT": "volume-deciliter",
    "CLT": "volume-centiliter", "MLT": "volume-milliliter", "HLT": "volume-hectoliter", "MTQ": "volume-cubic-meter",
    "GLL": "volume-gallon", "MTR": "length-meter", "CMT": "length-centimeter", "MMT": "length-millimeter",
}  # fmt: skip
"""UN/ECE Recommendation 20 codes as CLDR names them."""

_PIECES: Final[Mapping[str, tuple[str, str]]] = {
    "C62": ("units", "Stück"), "EA": ("units", "Stück"), "H87": ("pieces", "Stück"), "VI": ("vials", "Fläschchen"),
    "BX": ("boxes", "Kisten"), "PK": ("packs", "Packungen"), "BG": ("bags", "Beutel"), "AM": ("ampoules", "Ampullen"),
    "NIU": ("international units", "Internationale Einheiten"),
}  # fmt: skip

_US: Final[Mapping[str, tuple[str, float]]] = {
    "KGM": ("LBR", 1 / 0.45359237),
    "GRM": ("ONZ", 1 / 28.349523125),
    "LTR": ("GLL", 1 / 3.785411784),
}
"""US customary units, by their definitions (NIST Handbook 44, appendix C)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The defaults are those of a planner who reads English in UTC. `is_partner`: somebody at a partner, not one of ours."""

    audience: Audience = Audience.PLANNER
    language: Language = Language.EN
    zone: tzinfo = UTC
    units: Units = Units.METRIC
    is_partner: bool = False

    @classmethod
    def of(cls, receiver: Receiver) -> Self:
        """As whom a receiver reads."""
        return cls(
            audience=receiver.audience, language=receiver.language, zone=receiver.zone, units=receiver.units,
            is_partner=receiver.partner is not None,
        )  # fmt: skip

    @property
    def phrases(self) -> Phrases:
        return LANGUAGES[self.language]

    def number(self, value: float) -> str:
        """Four figures at most, thousands apart: 1,250 and 0.02 and 12.5."""
        rounded = round(value) if value == 0 or abs(value) >= 1000 else float(f"{value:.4g}")
        return format_decimal(rounded, "#,##0.############", locale=self.phrases.locale)

    def share(self, value: float) -> str:
        """A likelihood in percent."""
        return format_percent(value, locale=self.phrases.locale)

    def quantity(self, value: float, unit: str | None) -> str:
        """With its unit: a code of UN/ECE Recommendation 20, or what a rulebook calls it."""
        code = unit or ""
        if self.units is Units.US and code in _US:
            code, factor = _US[code]
            value = value * factor
        if code in _CLDR:
            return format_unit(self.number(value), _CLDR[code], "short", locale=self.phrases.locale)
        if code in _PIECES:
            code = _PIECES[code][self.language is Language.DE]
        return f"{self.number(value)} {plain(code)}".rstrip()

    def day(self, day: date) -> str:
        return format_date(day, self.phrases.day, locale=self.phrases.locale)

    def instant(self, at: datetime) -> str:
        """A time in the reader's zone, with the zone's name."""
        here = at.astimezone(self.zone)
        return f"{format_datetime(here, self.phrases.instant, locale=self.phrases.locale)} {here.tzname()}"

    def today(self, at: datetime) -> date:
        """The reader's day."""
        return at.astimezone(self.zone).date()

    def distance(self, day: date, at: datetime) -> str:
        """How far a day is from the reader's today: "in 14 days", "3 days ago"."""
        days = (day - self.today(at)).days
        if -1 <= days <= 1:
            return _NEAR[self.language][days + 1]
        return format_timedelta(
            timedelta(days=days), granularity="day", threshold=10_000, add_direction=True, locale=self.phrases.locale
        )

    def days(self, count: float) -> str:
        """A number of days."""
        return format_unit(round(count), "duration-day", "long", locale=self.phrases.locale)

    def span(self, span: timedelta) -> str:
        """A time in one unit: days from two on, hours from two on, minutes below."""
        minutes = max(int(span.total_seconds() // 60), 0)
        for size, unit in ((1440, "duration-day"), (60, "duration-hour"), (1, "duration-minute")):
            if minutes >= 2 * size or size == 1:
                return format_unit(minutes // size, unit, "long", locale=self.phrases.locale)
        raise AssertionError("a span has minutes")


_NEAR: Final[Mapping[Language, tuple[str, str, str]]] = {
    Language.EN: ("yesterday", "today", "tomorrow"),
    Language.DE: ("gestern", "heute", "morgen"),
}
