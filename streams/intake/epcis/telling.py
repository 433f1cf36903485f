"""One EPCIS event on its way to canonical ones: their identity, their time, and what the event speaks of.

The ids come from the event alone, so that the same bytes give the same ids, and so does the declaration that it was wrong: it
repeats the event word for word (EPCIS 2.0, section 7.4.1.3).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from streams.intake.draft import Codes, Draft
from streams.intake.epcis.feed import EpcisFeed
from streams.intake.epcis.goods import Goods, gathered
from streams.intake.epcis.identifiers import Identifier, business_code, identifier
from streams.intake.epcis.schema import (
    NO_URI,
    AggregationEvent,
    AssociationEvent,
    Happening,
    ObjectEvent,
    PersistentDisposition,
    Quantity,
    TransactionEvent,
    TransformationEvent,
    Uri,
)
from streams.intake.epcis.whereabouts import Whereabouts
from streams.intake.refusal import Reason, Refusal

LONGEST_ID = 200
_APART = frozenset({"errorDeclaration", "recordTime", "@context", "eventID"})
"""What two reports of one event may differ in."""


class Spoken(NamedTuple):
    """What an event speaks of: the object around the others, single objects, and classes of them with amounts."""

    parent: Uri
    epcs: tuple[Uri, ...]
    quantities: tuple[Quantity, ...]
    lists: tuple[str, str]


class Telling:
    """An event of one of the five types, and the drafts that it has given so far."""

    def __init__(self, event: Happening, raw: Mapping[str, Any], place: str, feed: EpcisFeed, codes: Codes) -> None:
        self.event = event
        self.place = place
        self.feed = feed
        self.codes = codes
        self.where = Whereabouts(event, codes, place)
        self.spoken = _spoken(event)
        self.id = str(event.event_id) or _content_id(raw)
        self.drafts: list[Draft] = []

    @property
    def step(self) -> str:
        return str(self.event.biz_step)

    @property
    def action(self) -> str:
        return getattr(self.event, "action", "ADD")

    @property
    def at(self) -> str:
        return self.event.event_time.upper()

    def say(self, event_type: str, key: str, data: dict[str, Any], site: str | None, **attributes: str) -> None:
        """One canonical event; `key` tells it from others of its type that this event gives."""
        event: dict[str, Any] = {
            "specversion": "1.0",
            "type": f"cdmo.{event_type}",
            "id": bounded(f"{self.id}#{event_type}/{key}"),
            "source": self.feed.source,
            "time": self.at,
            "data": {name: value for name, value in data.items() if value not in (None, "", ())},
        } | attributes
        if self.event.record_time:
            event.setdefault("recordedtime", self.event.record_time.upper())
        if site is not None:
            event["siteid"] = site
        self.drafts.append(Draft(event, self.place))

    def goods(self, *, lot: str = "") -> list[Goods]:
        """The trade items in it. `lot` is that of single ones, where the event says so."""
        spoken = self.spoken
        places = (f"{self.place}.{spoken.lists[0]}", f"{self.place}.{spoken.lists[1]}")
        return gathered(spoken.epcs, spoken.quantities, self.codes, lot, places)

    def objects(self) -> list[Identifier]:
        """The single objects, the one around the others first."""
        parent = (self.spoken.parent,) if self.spoken.parent else ()
        return [identifier(uri) for uri in (*parent, *self.spoken.epcs)]

    def transactions(self, kind: str) -> list[str]:
        """The numbers of the papers of one type, in order."""
        return [business_code(one.biz_transaction) for one in self.event.biz_transaction_list if one.type == kind]

    def transaction(self, kind: str) -> str | None:
        """The number of the first paper of a type."""
        return next(iter(self.transactions(kind)), None)

    def persistent(self) -> tuple[str, ...]:
        """The dispositions that are to stay."""
        said = getattr(self.event, "persistent_disposition", msgspec.UNSET)
        return said.set if isinstance(said, PersistentDisposition) else ()

    def withdrawals(self) -> list[Draft]:
        """In place of its drafts, that none of them happened."""
        declared = self.event.error_declaration
        if declared is msgspec.UNSET:
            return self.drafts
        better = ", ".join(declared.corrective_event_ids[:5])
        reason = f"{declared.reason or 'declared wrong'}{f'; corrected by {better}' if better else ''}"[:4000]
        return [self._withdrawn(draft, declared.declaration_time.upper(), reason) for draft in self.drafts]

    def _withdrawn(self, draft: Draft, at: str, reason: str) -> Draft:
        event = {name: draft.event[name] for name in ("specversion", "source", "siteid") if name in draft.event}
        event |= {
            "type": "cdmo.event.withdrawn",
            "id": bounded(f"{draft.event['id']}#withdrawn"),
            "time": at,
            "data": {"event_id": draft.event["id"], "reason": reason},
        }
        return Draft(event, f"{self.place}.errorDeclaration")


def bounded(event_id: str) -> str:
    """The id, or its digest where it is longer than an id may be."""
    if len(event_id) <= LONGEST_ID:
        return event_id
    return f"urn:sha256:{sha256(event_id.encode()).hexdigest()}"


def _content_id(raw: Mapping[str, Any]) -> str:
    """The identity of an event without an `eventID`: what it says, whoever recorded it and whenever."""
    said = {name: value for name, value in raw.items() if name not in _APART}
    return f"urn:sha256:{sha256(msgspec.json.encode(said, order='sorted')).hexdigest()}"


def _spoken(event: Happening) -> Spoken:
    match event:
        case ObjectEvent():
            return Spoken(NO_URI, event.epc_list, event.quantity_list, ("epcList", "quantityList"))
        case AggregationEvent() | AssociationEvent():
            lists = ("childEPCs", "childQuantityList")
            return Spoken(event.parent_id, event.child_epcs, event.child_quantity_list, lists)
        case TransactionEvent():
            return Spoken(event.parent_id, event.epc_list, event.quantity_list, ("epcList", "quantityList"))
        case TransformationEvent():
            lists = ("outputEPCList", "outputQuantityList")
            return Spoken(NO_URI, event.output_epc_list, event.output_quantity_list, lists)
        case _:
            raise Refusal(Reason.UNKNOWN_TYPE, f"No event has the type {event.type}")
