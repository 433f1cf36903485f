"""What one part of a network file says of another: codes of nothing, shares over 1, goods made of themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from zoneinfo import available_timezones

import msgspec

from risk_rules.documents import Document, Problem, Steps
from risk_rules.problems import did_you_mean
from risk_rules.public_holidays import UnknownCountryError, national
from streams.network import units
from streams.network.file import (
    ContactEntry,
    DemandEntry,
    LineEntry,
    MaterialEntry,
    PartnerEntry,
    ProductEntry,
    SafetyStockEntry,
    SiteEntry,
    SourceEntry,
    StageEntry,
)

ROUNDING = 1e-6
"""Shares written as thirds may add up to a little more than 1."""


class Sections(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of the file that have the right shape, by where they stand."""

    partners: Mapping[Steps, PartnerEntry]
    materials: Mapping[Steps, MaterialEntry]
    products: Mapping[Steps, ProductEntry]
    sources: Mapping[Steps, SourceEntry]
    demand: Mapping[Steps, DemandEntry]
    safety_stock: Mapping[Steps, SafetyStockEntry]
    contacts: Mapping[Steps, ContactEntry]
    written: Mapping[str, Iterable[str]]
    """All codes in the file by kind (site, material, product, partner), also those whose entry is wrong elsewhere."""

    def sites(self) -> Iterator[tuple[Steps, SiteEntry]]:
        for path, partner in self.partners.items():
            for code, site in partner.sites.items():
                yield (*path, "sites", code), site

    def stages(self) -> Iterator[tuple[Steps, str, StageEntry]]:
        for path, product in self.products.items():
            for index, stage in enumerate(product.stages):
                yield (*path, "stages", index), str(path[1]), stage


def reference_problems(document: Document, sections: Sections) -> list[Problem]:
    """Everything that is wrong between the parts of a network file."""
    check = _Check(document, sections)
    check.sites()
    check.materials()
    check.routes()
    check.sources()
    check.stock()
    check.contacts()
    check.cycles()
    return check.problems


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class _Check:
    def __init__(self, document: Document, sections: Sections) -> None:
        self.document = document
        self.sections = sections
        self.problems: list[Problem] = []
        self.lines: dict[str, Mapping[str, LineEntry]] = {str(path[-1]): site.lines for path, site in sections.sites()}

    def sites(self) -> None:
        seen: dict[str, Steps] = {}
        for path, site in self.sections.sites():
            code = str(path[-1])
            if code in seen:
                first = self.document.place(seen[code], of_key=True).line
                self._say(
                    path,
                    f"the site {code} stands in line {first} already",
                    "a site has one code and one owner",
                    key=True,
                )
            seen.setdefault(code, path)
            if site.zone not in _zones():
                self._say(
                    (*path, "zone"),
                    f"unknown time zone {site.zone}",
                    did_you_mean(site.zone, _zones()) or "use an IANA name such as Europe/Zurich",
                )
            self._calendar(path, site)

    def _calendar(self, path: Steps, site: SiteEntry) -> None:
        if site.country is not None:
            known = self._holidays((*path, "country"), site.country, None, "use an ISO 3166-1 code such as CH")
            if known and site.region is not None:
                self._holidays((*path, "region"), site.country, site.region, "use an ISO 3166-2 code such as BY")
        elif site.region is not None:
            self._say((*path, "region"), "a region without a country", "add the country")
        for index, day in enumerate(site.closed):
            self._day((*path, "closed", index), day)

    def _holidays(self, path: Steps, country: str, region: str | None, hint: str) -> bool:
        try:
            national(country, region)
        except UnknownCountryError as error:
            self._say(path, str(error), hint)
            return False
        return True

    def materials(self) -> None:
        for path, material in self.sections.materials.items():
            if material.uom not in units.KNOWN:
                hint = (
                    did_you_mean(material.uom.upper(), units.KNOWN)
                    or "use a UN/ECE Rec 20 code such as KGM, LTR, C62 or EA"
                )
                self._say((*path, "uom"), f"unknown unit {material.uom}", hint)
            if material.product is not None:
                self._known("product", material.product, (*path, "product"))
            low, high = material.temp_min, material.temp_max
            if low is not None and high is not None and low >= high:
                self._say(
                    (*path, "temp_min"),
                    f"the lowest temperature {low:g} is not below the highest {high:g}",
                    "swap them?",
                )

    def routes(self) -> None:
        seen: set[tuple[str, str, str]] = set()
        for path, product, stage in self.sections.stages():
            if (key := (product, stage.site, stage.stage.value)) in seen:
                self._say(
                    path,
                    f"{product} has the stage {stage.stage.value} at {stage.site} already",
                    "list all lines in one stage",
                )
            seen.add(key)
            self._known("material", stage.output, (*path, "output"))
            for material in stage.inputs:
                self._known("material", material, (*path, "inputs", material), key=True)
            if self._known("site", stage.site, (*path, "site")) and stage.site in self.lines:
                self._lines(path, stage)

    def _lines(self, path: Steps, stage: StageEntry) -> None:
        if not stage.lines:
            self._say(
                (*path, "lines"),
                "no line is named",
                f"lines at {stage.site}: {', '.join(self.lines[stage.site]) or 'none'}",
            )
        for index, code in enumerate(stage.lines):
            line = self.lines[stage.site].get(code)
            where = (*path, "lines", index)
            if line is None:
                known = self.lines[stage.site]
                hint = did_you_mean(code, known) or f"lines there: {', '.join(known) or 'none'}"
                self._say(where, f"{stage.site} has no line {code}", hint)
            elif line.stage != stage.stage:
                self._say(
                    where,
                    f"line {code} of {stage.site} is for {line.stage.value}, not {stage.stage.value}",
                    "name another line",
                )

    def sources(self) -> None:
        total: defaultdict[tuple[str, str], float] = defaultdict(float)
        seen: set[tuple[str, str, str]] = set()
        for path, source in self.sections.sources.items():
            self._place(path, source)
            key = (source.site, source.material)
            if (*key, source.supplier) in seen:
                self._say(
                    path,
                    f"{source.supplier} brings {source.material} to {source.site} already",
                    "give each supplier one entry",
                )
            seen.add((*key, source.supplier))
            before, total[key] = total[key], total[key] + source.share
            if before <= 1 + ROUNDING < total[key]:
                self._say(
                    (*path, "share"),
                    f"the shares of {source.material} at {source.site} add up to {total[key]:.4g}",
                    "at most 1 in all",
                )

    def stock(self) -> None:
        for path, entry in self.sections.demand.items():
            self._place(path, entry)
            days = [
                self._day((*path, name), text)
                for name, text in (("first_day", entry.first_day), ("last_day", entry.last_day))
            ]
            if days[0] is not None and days[1] is not None and days[1] < days[0]:
                self._say((*path, "last_day"), f"the last day {days[1]} is before the first {days[0]}", "swap them?")
        seen: set[tuple[str, str]] = set()
        for path, entry in self.sections.safety_stock.items():
            self._place(path, entry)
            if (key := (entry.site, entry.material)) in seen:
                self._say(path, f"{entry.material} at {entry.site} has a safety stock already", "keep one of the two")
            seen.add(key)

    def contacts(self) -> None:
        known = {code for codes in self.sections.written.values() for code in codes}
        for path, contact in self.sections.contacts.items():
            for index, code in enumerate(contact.scope):
                if code not in known:
                    hint = did_you_mean(code, known) or "name a material, a product, a site or a partner"
                    self._say((*path, "scope", index), f"unknown code {code}", hint)

    def cycles(self) -> None:
        made: defaultdict[str, dict[str, Steps]] = defaultdict(dict)
        for path, _, stage in self.sections.stages():
            for material in stage.inputs:
                made[stage.output].setdefault(material, (*path, "inputs", material))
        try:
            TopologicalSorter(made).prepare()
        except CycleError as error:
            ring: list[str] = list(reversed(error.args[1]))
            self._say(
                made[ring[0]][ring[1]],
                f"{ring[0]} is made of itself: {' <- '.join(ring)}",
                "take one of the inputs out",
                key=True,
            )

    def _place(self, path: Steps, entry: SourceEntry | DemandEntry | SafetyStockEntry) -> None:
        self._known("material", entry.material, (*path, "material"))
        self._known("site", entry.site, (*path, "site"))

    def _day(self, path: Steps, text: str | None) -> date | None:
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self._say(path, f"{text} is not a day of the calendar", "write it as 2026-03-31")
            return None

    def _known(self, kind: str, code: str, path: Steps, *, key: bool = False) -> bool:
        codes = self.sections.written[kind]
        if code in codes:
            return True
        self._say(path, f"unknown {kind} {code}", did_you_mean(code, codes) or f"add it to the {kind}s", key=key)
        return False

    def _say(self, path: Steps, message: str, hint: str, *, key: bool = False) -> None:
        self.problems.append(self.document.problem(path, message, hint, of_key=key))
