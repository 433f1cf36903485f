"""The CloudEvents 1.0 envelope that every canonical event wears."""

from typing import Literal

import msgspec

from streams.events.types import Identifier, Text, Time


class Data(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a type of event says. Fields that it does not know stay in the record and are ignored here."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """One thing that happened at one site.

    `source` and `id` together are the identity of an event. `time` is when it happened, `recordedtime` when the partner
    wrote it down (None: at once). `sequence`, a decimal number that grows with each report of the source, decides which
    of two reports of one entity is newer; without it `recordedtime` does. `corrects` names the `id` of an earlier event
    of the same source whose place this one takes. `partnerid` and `siteid` are set by the intake.
    """

    id: Identifier
    source: Identifier
    time: Time
    partnerid: Identifier
    siteid: Identifier
    specversion: Literal["1.0"] = "1.0"
    subject: Text | None = None
    datacontenttype: Text | None = None
    dataschema: Text | None = None
    recordedtime: Time | None = None
    sequence: str | None = None
    corrects: Identifier | None = None
    partitionkey: Text | None = None
    correlationid: Text | None = None
