"""A partner's own JSON, by a map written in JSONata: one expression that gives an event, a list of events, or nothing.

An event is an object with the attributes of a CloudEvent and `data`; what is the same in all events of a feed
(`specversion`, `source`) need not be said.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils

from streams.intake import json_text
from streams.intake.draft import Codes, Draft
from streams.intake.feed_file import Fault, FeedFile, Words
from streams.intake.map_checks import map_faults, offset_of
from streams.intake.map_functions import MapFault, bounded, ours
from streams.intake.map_patterns import linear
from streams.intake.map_work import DEEPEST, MapWork
from streams.intake.refusal import Reason, Refusal, quoted

MEDIA_TYPES = ("application/json", "text/json")
MOST_EVENTS = 10_000
"""Of one record: what goes into one transaction of the ledger without holding up others."""

_plain_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class JsonFeed(FeedFile, frozen=True, kw_only=True, tag="json"):
    """JSON of the partner's own making, and the map that reads it."""

    map: str


def faults(said: JsonFeed, words: Words) -> Iterator[Fault]:
    """All that is wrong with what a feed says."""
    return map_faults(said.map, words)


class MapReader:
    """Reads records by the map of a feed. Not for several threads at once."""

    def __init__(self, said: JsonFeed, codes: Codes) -> None:
        self._source = said.source
        self._text = said.map
        self._map: Any = Jsonata(said.map, linear)
        self._map.set_validate_input(False)
        self._map.set_output_convert_nulls(False)
        for name, function in bounded().items():
            self._map.register_function(name, function)
        for name, function in ours(codes, said.zone).items():
            self._map.register_lambda(name, function)

    def __call__(self, value: bytes, texts: Mapping[str, str]) -> list[Draft]:
        """The events of a record. Raises `Refusal` with the JSON path where the fault is the record's, or its place in the map."""
        document = json_text.parse(value)
        work = MapWork(len(value))
        try:
            found = self._evaluated(document, work)
        except Refusal as refusal:
            raise Refusal(refusal.reason, refusal.message, self._place(document, work)) from None
        except MapFault as fault:
            raise Refusal(fault.reason, fault.message, self._place(document, work, fault.value)) from None
        except JException as fault:
            message = f"The map fails: {quoted(str(fault), 200)[1:-1]}"
            raise Refusal(Reason.BAD_MAP, message, self._place(document, work, at=fault.location)) from None
        except RecursionError:
            raise Refusal(Reason.BAD_MAP, "The map goes too deep", self._place(document, work)) from None
        except Exception as fault:  # the library passes on what its own Python finds in values that it did not expect
            message = f"The map fails: {type(fault).__name__} {quoted(fault)}"
            raise Refusal(Reason.BAD_MAP, message, self._place(document, work)) from None
        return list(self._drafts(found, document, work))

    def _evaluated(self, document: Any, work: MapWork) -> Any:
        work.context = document
        frame = {"__evaluate_entry": work.entering, "__evaluate_exit": work.leaving}
        return self._map.evaluate(document, frame)

    def _drafts(self, found: Any, document: Any, work: MapWork) -> Iterator[Draft]:
        events: list[Any] = [] if found is None else cast("list[Any]", found) if isinstance(found, list) else [found]
        if len(events) > MOST_EVENTS:
            message = f"The record gives {len(events)} events; at most {MOST_EVENTS} are taken: send smaller ones"
            raise Refusal(Reason.TOO_LARGE, message)
        paths = _paths(document) if events else {}
        for position, event in enumerate(events):
            place = paths.get(id(work.made_from.get(id(event))), f"event {position + 1} of the map")
            if not isinstance(event, dict):
                raise Refusal(Reason.BAD_MAP, f"The map gives {quoted(event)}, which is no event", place)
            plain = _plain(cast("dict[str, Any]", event), place, 0)
            yield Draft({"specversion": "1.0", "source": self._source, **plain}, place)

    def _place(self, document: Any, work: MapWork, value: object = None, at: int = -1) -> str:
        """Where in the record, and where in the map."""
        path = _paths(document).get(id(work.context), "$")
        if isinstance(value, str | int | float):
            near = _where(work.context, path, value)
            path = near or _where(document, "$", value) or path
        offset = offset_of(self._text, at if at > 0 else getattr(work.at, "position", -1))
        if offset is None:
            return path
        line = self._text.count("\n", 0, offset) + 1
        column = offset - self._text.rfind("\n", 0, offset)
        return f"{path}, map line {line}, column {column}"


def _plain(value: Any, place: str, depth: int) -> Any:
    """What the map made, as plain JSON. Raises `Refusal` for what is none, such as a function."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if depth > DEEPEST:
        raise Refusal(Reason.TOO_DEEP, "The map gives something nested without end", place)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {key: _plain(one, place, depth + 1) for key, one in items.items()}
    if isinstance(value, list):
        return [_plain(one, place, depth + 1) for one in cast("list[Any]", value)]
    if value is cast("Any", Utils).NULL_VALUE:
        return None
    raise Refusal(Reason.BAD_MAP, "The map gives something that is no JSON: a function, perhaps one not called", place)


def _paths(document: Any) -> dict[int, str]:
    """The JSON paths of all objects and arrays of a document, by identity."""
    found: dict[int, str] = {}
    waiting: list[tuple[str, Any]] = [("$", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict | list):
            found[id(cast("Any", value))] = path
            waiting.extend(_below(path, value))
    return found


def _below(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((path + _step(key), one) for key, one in cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        yield from ((f"{path}[{number}]", one) for number, one in enumerate(cast("list[Any]", value)))


def _where(inside: Any, path: str, wanted: object) -> str | None:
    """The path of the first value like the wanted one."""
    waiting: list[tuple[str, Any]] = [(path, inside)]
    for at, value in waiting:
        if type(value) is type(wanted) and value == wanted:
            return at
        waiting.extend(_below(at, value))
    return None


def _step(key: str) -> str:
    return f".{key}" if _plain_name.fullmatch(key) else f"[{quoted(key)}]"
