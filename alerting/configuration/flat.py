"""`alerting.yaml`: who is told of what.

receivers:
  - name: planners
    address: env:PLANNERS_CHAT      # or file:/run/secrets/planners, or an Apprise URL
    minimum_severity: warning       # watch, warning or critical
    kinds: [material_shortage]      # these three: all of them when left out
    partners: [acme]
    sites: [BSL]
    per_second: 1                   # when the service takes fewer messages than Apprise knows
"""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import structlog
from msgspec import Meta

from alerting.receivers import Receiver, Routing
from risk_rules.documents import Document
from risk_rules.findings import Severity
from risk_rules.problems import DocumentError, Problem

log = structlog.stdlib.get_logger()

Name = Annotated[str, Meta(min_length=1, max_length=120)]


class _Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    address: Annotated[str, Meta(min_length=1)]
    minimum_severity: Literal["watch", "warning", "critical"] = "warning"
    kinds: Annotated[tuple[Name, ...], Meta(min_length=1)] | None = None
    partners: Annotated[tuple[Name, ...], Meta(min_length=1)] | None = None
    sites: Annotated[tuple[Name, ...], Meta(min_length=1)] | None = None
    per_second: Annotated[float, Meta(gt=0, le=1000)] | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receivers: tuple[_Receiver, ...] = ()


def load(path: Path | None) -> Routing:
    """The receivers in the file; none without a file. Raises `DocumentError` with all that is wrong and where."""
    if path is None:
        log.warning("no alerting file is set: alerts are kept and nobody is told of them")
        return Routing()
    document = Document.load(path)
    file = document.convert(_File)
    problems = _problems(document, file)
    if problems:
        raise DocumentError(problems)
    return Routing([_receiver(one) for one in file.receivers])


def _problems(document: Document, file: _File) -> list[Problem]:
    """What the types do not say. Addresses are never shown: they may hold a secret."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, one in enumerate(file.receivers):
        here = ("receivers", index)
        if one.name in seen:
            problems.append(document.problem((*here, "name"), f"a second receiver is named {one.name}", "rename one"))
        seen.add(one.name)
        if not re.match(r"[A-Za-z][\w+.-]*://.|env:\w|file:.", one.address):
            hint = "write an Apprise URL, env:NAME or file:PATH"
            problems.append(document.problem((*here, "address"), "is no address", hint))
    return problems


def _receiver(one: _Receiver) -> Receiver:
    return Receiver(
        name=one.name,
        address=one.address,
        minimum=Severity[one.minimum_severity.upper()],
        kinds=_only(one.kinds),
        partners=_only(one.partners),
        sites=_only(one.sites),
        per_second=one.per_second,
    )


def _only(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
