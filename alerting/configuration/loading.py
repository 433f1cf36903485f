"""Reads `alerting.yaml` into a `Configuration`. Whatever is wrong with the file is told at once, with line and column."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from alerting.configuration import notation
from alerting.configuration.configuration import Configuration
from alerting.configuration.doubts import Known, doubts
from alerting.configuration.duty import rotas
from alerting.configuration.file import AlertingFile, FlappingEntry, HeartbeatEntry, OwnersEntry, RouteEntry
from alerting.configuration.model import Flapping, Heartbeat
from alerting.configuration.owners import Owners
from alerting.configuration.partner_scope import PartnerScope
from alerting.configuration.people import HIDDEN, People
from alerting.configuration.reading import LEAVES, Reading, as_mapping
from alerting.configuration.routes import Routes
from risk_rules.documents import Document, DocumentError, Problem, did_you_mean

SECTIONS: Final = AlertingFile.__struct_encode_fields__
LISTS: Final = ("inhibitions",)
TEXTS: Final = ("zone", "reopen_within")
NOTHING_KNOWN: Final[Known] = {}

NOBODY: Final = Configuration(
    version="none", text="", contacts={}, receivers={}, teams={}, rotas={}, owners=Owners(), policies={}, tree=None,
    inhibitions=(), flapping=Flapping(), reopen_within=timedelta(hours=2), heartbeat=None,
)  # fmt: skip
"""Without a file alerts are kept and nobody is told of them."""


def load(path: Path, known: Known = NOTHING_KNOWN) -> Configuration:
    """The configuration in a file. Raises `DocumentError` that carries every problem found."""
    return read(Document.load(path), known)


def parse(text: str, file: str = "alerting.yaml", known: Known = NOTHING_KNOWN) -> Configuration:
    """The configuration in `text`; `file` is the name that problems are reported under. Raises `DocumentError`."""
    return read(Document.parse(text, file), known)


def stored(text: str) -> Configuration:
    """The configuration of a `Configuration.text`, for explaining what was decided by it. It has no addresses."""
    return read(Document.parse(text, "stored configuration"), are_addresses_hidden=True)


def read(document: Document, known: Known = NOTHING_KNOWN, *, are_addresses_hidden: bool = False) -> Configuration:
    """The configuration in a document; `known` are values of labels, for warnings. Raises `DocumentError`."""
    reading = Reading(document)
    if not isinstance(document.value, dict):
        raise DocumentError([document.problem((), "is no alerting file", "it needs receivers and a route")])
    _check_sections(reading)
    found = None if reading.problems else _configuration(reading, stored=are_addresses_hidden)
    if found is None or reading.problems:
        raise DocumentError([_discreet(problem) for problem in reading.problems])
    doubts(reading, known)
    return replace(found, warnings=tuple(sorted(reading.warnings)))


def _discreet(problem: Problem) -> Problem:
    """An address that stands where it does not belong is not shown: it may hold a secret."""
    return msgspec.structs.replace(problem, message=re.sub(r"://\S+", "://…", problem.message))


def _check_sections(reading: Reading) -> None:
    """The sections that the file has to have, and the shape of each."""
    value = reading.document.value
    for section, entries in as_mapping(value).items():  # pyright: ignore[reportUnknownArgumentType]
        shape = list if section in LISTS else str if section in TEXTS else dict
        if section not in SECTIONS:
            hint = did_you_mean(section, SECTIONS) or f"known are {', '.join(SECTIONS)}"
            reading.say((section,), f"unknown section {section}", hint, of_key=True)
        elif not isinstance(entries, shape):
            words = {list: "a list", str: "a text", dict: "a mapping"}
            reading.say((section,), f"{section} has to be {words[shape]}", "see docs/alerting.md")
    if "route" not in value and not reading.problems:
        reading.say((), "no route says who is told", "add route: {to: NAME}")


def _configuration(reading: Reading, *, stored: bool) -> Configuration:
    """The configuration; worth nothing when the reading has problems."""
    value: dict[str, Any] = reading.document.value
    zone = reading.take(notation.zone, value.get("zone", "UTC"), ("zone",), notation.UTC_ZONE)
    people = People(reading, zone, stored=stored)
    contacts, receivers, (teams, zones) = people.contacts(), people.receivers(), people.teams()
    rotas_found = rotas(reading, zones, zone)
    routes = Routes(reading, rotas_found)
    route = reading.entry(("route",), RouteEntry)
    owners, flapping, heartbeat = _owners(reading), _flapping(reading), _heartbeat(reading)
    reopen_within = reading.take(notation.duration, value.get("reopen_within", "2h"), ("reopen_within",), timedelta())
    tree = None if route is None else routes.tree(route)
    inhibitions = routes.inhibitions()
    scope = PartnerScope(reading, receivers, teams, rotas_found)
    scope.check(tree, owners, None if heartbeat is None else heartbeat.receiver)
    text = _without_addresses(value)
    return Configuration(
        version=sha256(text.encode()).hexdigest()[:16], text=text, contacts=contacts, receivers=receivers, teams=teams,
        rotas=rotas_found, owners=owners, policies=routes.policies, tree=tree, inhibitions=inhibitions,
        flapping=flapping, reopen_within=reopen_within, heartbeat=heartbeat,
    )  # fmt: skip


def _owners(reading: Reading) -> Owners:
    entry = reading.entry(("owners",), OwnersEntry) if "owners" in reading.document.value else None
    owned: dict[str, dict[str, str]] = {} if entry is None else msgspec.structs.asdict(entry)
    for section, codes in owned.items():
        for code, target in codes.items():
            reading.refer(target, ("owners", section, code))
    return Owners(**owned)


def _flapping(reading: Reading) -> Flapping:
    path = ("flapping",)
    entry = (reading.entry(path, FlappingEntry) if "flapping" in reading.document.value else None) or FlappingEntry()
    return Flapping(
        entry.changes,
        reading.take(notation.duration, entry.within, (*path, "within"), timedelta()),
        reading.take(notation.duration, entry.calm, (*path, "calm"), timedelta()),
    )


def _heartbeat(reading: Reading) -> Heartbeat | None:
    path = ("heartbeat",)
    entry = reading.entry(path, HeartbeatEntry) if "heartbeat" in reading.document.value else None
    if entry is None:
        return None
    reading.refer(entry.to, (*path, "to"), LEAVES)
    every = reading.take(notation.duration, entry.every, (*path, "every"), MOST_OFTEN)
    if every < MOST_OFTEN:
        reading.say((*path, "every"), f"{entry.every} is too often", "at most every 30s")
    return Heartbeat(entry.to, every)


MOST_OFTEN: Final = timedelta(seconds=30)


def _without_addresses(value: dict[str, Any]) -> str:
    """The file as JSON, which is YAML too, without the addresses that are written out: they hold secrets."""
    hidden = dict(value)
    for section in ("contacts", *LEAVES):
        if section in value:
            hidden[section] = {name: _hidden(as_mapping(entry)) for name, entry in as_mapping(value[section]).items()}
    text = json.dumps(hidden, ensure_ascii=False, indent=1)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _hidden(entry: Mapping[str, Any]) -> dict[str, Any]:
    address = entry.get("address")
    if isinstance(address, str) and not address.startswith(("env:", "file:")):
        return {**entry, "address": HIDDEN}
    return dict(entry)
