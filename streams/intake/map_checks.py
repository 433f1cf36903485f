"""What can be wrong with a JSONata map, found before the first record comes: each fault with its character in the map."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.parser import Parser

from risk_rules.problems import did_you_mean
from streams.events import EVENT_TYPES
from streams.intake.feed_file import Fault, Words
from streams.intake.map_functions import UNSTEADY
from streams.intake.map_patterns import PatternError, linear

OURS = ("ours", "unit", "at", "day", "digest")


def map_faults(text: str, words: Words) -> Iterator[Fault]:
    """All that is wrong with the map of a feed, at the path ("map",)."""
    try:
        tree: Any = cast("Any", Jsonata(text, linear)).ast
    except JException as fault:
        yield Fault(("map",), _sentence(fault), "see docs.jsonata.org", offset_of(text, fault.location))
        return
    except PatternError as fault:
        hint = "patterns are those of RE2: without lookahead and references back"
        yield Fault(("map",), f"holds no regular expression: {fault}", hint)
        return
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError) as fault:
        yield Fault(("map",), f"is no JSONata ({type(fault).__name__})", "see docs.jsonata.org")
        return
    parts = list(_parts(tree))
    known = _functions() | {str(part.value) for part in _defined(parts)}
    for part in parts:
        yield from (fault._replace(path=("map",)) for fault in _faults_of(text, part, known, words.tables))


def offset_of(text: str, position: int) -> int | None:
    """Where in the text a part begins; the library says where its last character stands, or -1 for nowhere."""
    return None if position < 0 else max(0, min(position, len(text)) - 1)


def _begin(text: str, quoted: Any) -> int | None:
    """Where a text in quotes begins."""
    return offset_of(text, quoted.position - len(quoted.value) - 1)


def _sentence(fault: JException) -> str:
    message = str(fault)
    return message[:1].lower() + message[1:]


def _faults_of(text: str, part: Any, known: set[str], tables: Mapping[str, Any]) -> Iterator[Fault]:
    match part.type:
        case "function" | "partial" if part.procedure.type == "variable":
            name = str(part.procedure.value)
            at = offset_of(text, part.procedure.position - len(name))
            if name in UNSTEADY:
                message = f"${name} may not be called: the same record must always give the same events"
                yield Fault((), message, "take times and names from the record itself", at)
            elif name not in known:
                yield Fault((), f"there is no function ${name}", did_you_mean(name, known), at)
            elif name == "ours" and part.arguments and part.arguments[0].type == "string":
                table = str(part.arguments[0].value)
                if table not in tables:
                    hint = did_you_mean(table, tables)
                    yield Fault((), f"there is no table {table}", hint, _begin(text, part.arguments[0]))
        case "unary" if part.value == "{":
            for key, value in cast("list[Any]", part.lhs_object):
                if (key.type, value.type, key.value) != ("string", "string", "type"):
                    continue
                name = str(value.value)
                if name.startswith("cdmo.") and name not in EVENT_TYPES:
                    hint = did_you_mean(name, EVENT_TYPES)
                    yield Fault((), f"there is no type {name}", hint, _begin(text, value))
        case _:
            pass


def _functions() -> set[str]:
    frame: Any = cast("Any", Jsonata).static_frame
    return {*OURS, *frame.bindings}


def _defined(parts: list[Any]) -> Iterator[Any]:
    """The variables that the map itself gives a value."""
    for part in parts:
        if part.type == "bind":
            yield part.lhs
        elif part.type == "lambda":
            yield from part.arguments


def _parts(tree: Any) -> Iterator[Any]:
    """All parts of a map. Each once: parts may hang together in more than one way."""
    seen: set[int] = set()
    waiting: list[Any] = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting.extend(cast("list[Any]", one))
        elif isinstance(one, Parser.Symbol) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting.extend(vars(one).values())
