"""What an event says of the entities of its site, in the terms that all readings share: entries, keys, units and days.

Each reading of an event gives entries; see `journal.Fact` for the four ways of saying. Nothing there looks at a state, so
the order of events cannot matter to it.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from streams.events.types import DAY
from streams.network.model import Network
from streams.network.units import factor

EARLIEST: Final = 0
LATEST: Final = round(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1e6)
"""Microseconds since 1970."""

_day = re.compile(DAY, re.ASCII)

Put = dict[str, dict[str, Any]]
"""Entries to be put into maps, by the name of the map."""


REMEMBERED: Final = 100_000
"""Pairs of a material and a unit: partners may name materials without end."""


class Unconvertible(ValueError):
    """The unit of an amount cannot be converted into the unit in which the network keeps the material."""


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an event says of one entity."""

    kind: str
    key: str
    set: dict[str, Any]
    add: dict[str, float] | None = None
    first: dict[str, Any] | None = None
    put: Put | None = None


def key(site: str, *codes: str) -> str:
    """The key of an entity: its site and its own codes, parted by `/` (a `/` within a code is written `~1`, a `~` `~0`)."""
    return "/".join((_escaped(site), *map(_escaped, codes)))


@lru_cache(maxsize=100_000)
def _escaped(text: str) -> str:
    if "/" in text or "~" in text:
        return text.replace("~", "~0").replace("/", "~1")
    return text


@lru_cache(maxsize=100_000)
def material_key(site: str, material: str) -> str:
    """The key of the stock of a material at a site."""
    return key(site, material)


@lru_cache(maxsize=100_000)
def material_target(site: str, material: str) -> tuple[str, str]:
    """The kind and the key of the stock of a material at a site."""
    return ("material", material_key(site, material))


def lot_key(site: str, material: str, lot: str) -> str:
    """The key of a lot."""
    if "/" in lot or "~" in lot:
        return key(site, material, lot)
    return f"{material_key(site, material)}/{lot}"


def code(entity_key: str) -> str:
    """The one code in the key of a material or a line, as its owner writes it."""
    return entity_key.split("/", 1)[1].replace("~1", "/").replace("~0", "~")


def codes(entity_key: str) -> list[str]:
    """The codes in a key after its site, as their owners write them."""
    return [part.replace("~1", "/").replace("~0", "~") for part in entity_key.split("/")[1:]]


def micros(instant: datetime) -> int:
    """Microseconds since 1970. Raises `ValueError` for a time that only a mistake of a clock or a form can name."""
    since = round(instant.timestamp() * 1e6)
    if not EARLIEST <= since < LATEST:
        raise ValueError(f"the time {instant.isoformat()} cannot be right: it is not between 1970 and 2200")
    return since


def day(instant: datetime) -> str:
    """The UTC day of an instant, ISO 8601."""
    return instant.astimezone(UTC).date().isoformat()


@lru_cache(maxsize=100_000)
def checked_day(text: str) -> str:
    """The same day. Raises `ValueError` when it is not written as one, or no calendar has it."""
    if _day.fullmatch(text) is None:
        raise ValueError(f"a day is written as 2026-03-31, not {text!r}")
    date.fromisoformat(text)
    return text


@lru_cache(maxsize=10_000)
def checked_week(text: str) -> str:
    """The same ISO week. Raises `ValueError` when no calendar has it."""
    date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    return text


class Units(dict[tuple[str, str], tuple[float, str]]):
    """Converts amounts into the units in which one network keeps its materials.

    `units[material, uom]` is the factor from `uom` to the unit of the material, and that unit; what was asked before is
    remembered. A material unknown to the network keeps its own unit. Raises `Unconvertible`.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def __missing__(self, asked: tuple[str, str]) -> tuple[float, str]:
        material, uom = asked
        entry = self.network.materials.get(material)
        unit = entry.uom if entry else uom
        ratio = factor(uom, unit)
        if ratio is None:
            raise Unconvertible(f"{material} is kept in {unit}, and {uom} cannot be converted into it")
        if len(self) >= REMEMBERED:
            self.clear()
        known = self[asked] = (float(ratio), unit)
        return known


def optional_day(text: str | None) -> str | None:
    """The same day, where there is one. Raises `ValueError` when no calendar has it."""
    return None if text is None else checked_day(text)


def optional_micros(instant: datetime | None) -> int | None:
    """Microseconds since 1970, where there is an instant."""
    return None if instant is None else micros(instant)
