"""Reads `network.yaml` into a `Network`. Whatever is wrong with the file is told at once, each with line and column."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from risk_rules.documents import Document, DocumentError, Problem, Steps
from streams.network.calendars import calendar
from streams.network.file import (
    ContactEntry,
    DemandEntry,
    MaterialEntry,
    NetworkFile,
    PartnerEntry,
    ProductEntry,
    SafetyStockEntry,
    SourceEntry,
)
from streams.network.model import (
    Contact,
    Demand,
    Input,
    Line,
    Material,
    Network,
    Partner,
    Product,
    Route,
    Site,
    Source,
)
from streams.network.references import Sections, reference_problems

T = TypeVar("T")


def load(path: Path) -> Network:
    """The network in a file. Raises `DocumentError` that carries every problem found."""
    return read(Document.load(path))


def parse(text: str, file: str = "network.yaml") -> Network:
    """The network in `text`; `file` is the name that problems are reported under. Raises `DocumentError`."""
    return read(Document.parse(text, file))


def read(document: Document) -> Network:
    """The network in a document. Raises `DocumentError` that carries every problem found."""
    if document.value is None:
        raise DocumentError(
            [document.problem((), "the file is empty", "it needs at least partners, materials and products")]
        )
    problems: list[Problem] = []
    sections = _sections(document, document.convert(NetworkFile), problems)
    problems += reference_problems(document, sections)
    if problems:
        raise DocumentError(problems)
    return _network(sections, _version(document))


def _sections(document: Document, file: NetworkFile, problems: list[Problem]) -> Sections:
    def entries(section: str, keys: Iterable[str | int], entry: type[T]) -> Iterator[tuple[Steps, T]]:
        for key in keys:
            try:
                yield (section, key), document.convert(entry, (section, key))
            except DocumentError as error:
                problems.extend(error.problems)

    return Sections(
        partners=dict(entries("partners", file.partners, PartnerEntry)),
        materials=dict(entries("materials", file.materials, MaterialEntry)),
        products=dict(entries("products", file.products, ProductEntry)),
        sources=dict(entries("sources", range(len(file.sources)), SourceEntry)),
        demand=dict(entries("demand", range(len(file.demand)), DemandEntry)),
        safety_stock=dict(entries("safety_stock", range(len(file.safety_stock)), SafetyStockEntry)),
        contacts=dict(entries("contacts", range(len(file.contacts)), ContactEntry)),
        written={
            "site": {code for partner in file.partners.values() for code in _keys(partner, "sites")},
            "material": set(file.materials),
            "product": set(file.products),
            "partner": set(file.partners),
        },
    )


def _keys(entry: object, section: str) -> Iterable[str]:
    """The codes in a section of an entry that may be wrong elsewhere: what it names is still there to be pointed at."""
    inner = entry.get(section) if isinstance(entry, Mapping) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return [str(key) for key in inner] if isinstance(inner, Mapping) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _version(document: Document) -> str:
    return sha256(msgspec.json.encode(document.value, order="deterministic")).hexdigest()[:16]


def _network(sections: Sections, version: str) -> Network:
    partners = {str(path[1]): entry for path, entry in sections.partners.items()}
    sites = {code: (partner, site) for partner, entry in partners.items() for code, site in entry.sites.items()}
    products = {str(path[1]): entry for path, entry in sections.products.items()}
    return Network(
        version=version,
        partners={
            code: Partner(code=code, name=entry.name, silent_after_hours=entry.silent_after_hours)
            for code, entry in partners.items()
        },
        sites={
            code: Site(
                code=code,
                partner=partner,
                name=entry.name,
                zone=entry.zone,
                country=entry.country,
                region=entry.region,
                closed=entry.closed,
            )
            for code, (partner, entry) in sites.items()
        },
        calendars={
            code: calendar(entry.zone, entry.country, entry.region, map(date.fromisoformat, entry.closed))
            for code, (_, entry) in sites.items()
        },
        lines={
            (site, code): Line(code=code, site=site, stage=line.stage, hours_per_week=line.hours_per_week)
            for site, (_, entry) in sites.items()
            for code, line in entry.lines.items()
        },
        materials={
            str(path[1]): Material(code=str(path[1]), **msgspec.structs.asdict(entry))
            for path, entry in sections.materials.items()
        },
        products={code: Product(code=code, name=entry.name) for code, entry in products.items()},
        routes={(route.site, route.product, route.stage.value): route for route in _routes(products)},
        sources=_sources(sections),
        demand=_demand(sections),
        safety_stock={(entry.site, entry.material): entry.qty for entry in sections.safety_stock.values()},
        contacts=tuple(Contact(**msgspec.structs.asdict(entry)) for entry in sections.contacts.values()),
    )


def _routes(products: Mapping[str, ProductEntry]) -> Iterator[Route]:
    for product, entry in products.items():
        for stage in entry.stages:
            fields = msgspec.structs.asdict(stage)
            fields["inputs"] = tuple(Input(material=code, qty=qty) for code, qty in stage.inputs.items())
            yield Route(product=product, **fields)


def _sources(sections: Sections) -> dict[tuple[str, str], tuple[Source, ...]]:
    found: defaultdict[tuple[str, str], list[Source]] = defaultdict(list)
    for entry in sections.sources.values():
        found[entry.site, entry.material].append(Source(**msgspec.structs.asdict(entry)))
    return {key: tuple(sorted(sources, key=lambda source: -source.share)) for key, sources in found.items()}


def _demand(sections: Sections) -> dict[tuple[str, str], tuple[Demand, ...]]:
    found: defaultdict[tuple[str, str], tuple[Demand, ...]] = defaultdict(tuple)
    for entry in sections.demand.values():
        found[entry.site, entry.material] += (Demand(**msgspec.structs.asdict(entry)),)
    return dict(found)
