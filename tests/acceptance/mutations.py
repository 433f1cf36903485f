"""Records that went wrong on their way: valid ones of all types, and what a seeded hand does to them."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from tests.acceptance.strange_values import EXTREME_TIMES, LITERALS, MEDIA_TYPES, OTHERS, TEXTS

Json = Any
Headers = tuple[tuple[str, bytes], ...]

LONG = 1_000_000
"""Characters of the longest text: with its envelope the record is still one that a broker takes."""


class Said(NamedTuple):
    """A record's headers and value."""

    headers: Headers
    value: bytes | None


Spoiling = Callable[[Random, Said], Said]

_literal = "@literal@"


def _dumped(event: Json) -> bytes:
    """As JSON; what has no UTF-8 form is escaped."""
    return json.dumps(event, ensure_ascii=True).encode()


def _places(node: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values below the top."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for step, below in inside for found in ((*path, step), *_places(below, (*path, step)))]


def _with(event: Json, path: Sequence[Any], value: Json) -> Json:
    changed = deepcopy(event)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def _on_json(change: Callable[[Random, Json], Json | bytes]) -> Spoiling:
    """A spoiling of the JSON in the value; a value that is none is cut off instead."""

    def spoiled(luck: Random, said: Said) -> Said:
        try:
            event = json.loads(said.value or b"")
        except (ValueError, RecursionError):
            return truncated(luck, said)
        if not isinstance(event, dict) or not event:
            return truncated(luck, said)
        changed = change(luck, event)
        return said._replace(value=changed if isinstance(changed, bytes) else _dumped(changed))

    spoiled.__name__ = change.__name__
    return spoiled


def _one_value(make: Callable[[Random, Json], Json]) -> Callable[[Random, Json], Json]:
    def change(luck: Random, event: Json) -> Json:
        path = luck.choice(_places(event))
        return _with(event, path, make(luck, path))

    change.__name__ = make.__name__
    return change


# --- bytes ---


def bit_flips(luck: Random, said: Said) -> Said:
    value = bytearray(said.value or b"x")
    for _ in range(luck.choice((1, 1, 1, 2, 8, 64))):
        value[luck.randrange(len(value))] ^= 1 << luck.randrange(8)
    return said._replace(value=bytes(value))


def truncated(luck: Random, said: Said) -> Said:
    value = said.value or b"x"
    cut = luck.randrange(len(value))
    return said._replace(value=value[:cut] if luck.random() < 0.8 else value[cut:])


def bad_utf8(luck: Random, said: Said) -> Said:
    value = said.value or b""
    at = luck.randrange(len(value) + 1)
    wrong = luck.choice(
        (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\x00", b"\x1f")
    )
    return said._replace(value=value[:at] + wrong + value[at:])


def other_encoding(luck: Random, said: Said) -> Said:
    text = (said.value or b"").decode("utf-8", "replace")
    return said._replace(value=text.encode(luck.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7"))))


def nothing(luck: Random, said: Said) -> Said:
    return said._replace(value=luck.choice((None, b"", b" ", b"null", b"{}", b"[]", b'""', b"0", b"\n")))


def noise(luck: Random, said: Said) -> Said:
    return said._replace(value=luck.randbytes(luck.choice((1, 16, 300, 5000))))


def doubled(luck: Random, said: Said) -> Said:
    value = said.value or b""
    return said._replace(value=luck.choice((value + value, value + b"\n" + value, b"[" + value + b"," + value + b"]")))


# --- headers ---


def wrong_headers(luck: Random, said: Said) -> Said:
    headers = list(said.headers)
    match luck.randrange(7):
        case 0:
            headers = [one for one in headers if one[0] != "content-type"]
            headers.append(("content-type", luck.choice(MEDIA_TYPES)))
        case 1:
            headers = []
        case 2:
            headers.append(luck.choice(headers) if headers else ("ce_id", b"1"))
        case 3:
            name = luck.choice(
                ("ce_id", "ce_type", "ce_time", "ce_data", "ce_siteid", "ce_\u00e9", "ce_", "", "bellwether.line")
            )
            headers.append((name, luck.choice((b"", b"\xff", b"1", b"x" * 5000))))
        case 4 if headers:
            del headers[luck.randrange(len(headers))]
        case 5 if headers:
            at = luck.randrange(len(headers))
            headers[at] = (headers[at][0], luck.randbytes(8))
        case _:
            headers += [(f"x-{number}", b"y" * 50) for number in range(200)]
    return said._replace(headers=tuple(headers))


# --- JSON ---


def wrong_type(luck: Random, path: Json) -> Json:
    return deepcopy(luck.choice(OTHERS))


def extreme_time(luck: Random, path: Json) -> Json:
    return luck.choice(EXTREME_TIMES)


def strange_text(luck: Random, path: Json) -> Json:
    return luck.choice(TEXTS)


def deep_nesting(luck: Random, path: Json) -> Json:
    node: Json = 1
    for _ in range(luck.choice((10, 63, 64, 65, 200, 400))):
        node = [node] if luck.random() < 0.5 else {"a": node}
    return node


def very_deep_nesting(luck: Random, event: Json) -> bytes:
    opened, closed = luck.choice(((b"[", b"]"), (b'{"a":', b"}")))
    depth = luck.choice((1_000, 10_000, 100_000))
    return _dumped(event)[:-1] + b',"x":' + opened * depth + b"1" + closed * luck.choice((depth, 0)) + b"}"


def huge_number(luck: Random, event: Json) -> bytes:
    """A number, or what a careless writer takes for one, in the place of a value; of another number if there is one."""
    places = _places(event)
    numbers = [place for place in places if type(_at(event, place)) in (int, float)]
    changed = _with(event, luck.choice(numbers if numbers and luck.random() < 0.8 else places), _literal)
    return _dumped(changed).replace(f'"{_literal}"'.encode(), luck.choice(LITERALS).encode())


def duplicated_key(luck: Random, event: Json) -> bytes:
    name = luck.choice(sorted(event))
    twice = _dumped({name: deepcopy(luck.choice(OTHERS)) if luck.random() < 0.5 else event[name]})
    return twice[:-1] + b"," + _dumped(event)[1:]


def missing_member(luck: Random, event: Json) -> Json:
    path = luck.choice(_places(event))
    changed = deepcopy(event)
    node = _at(changed, path[:-1])
    del node[path[-1]]
    return changed


def odd_member(luck: Random, event: Json) -> Json:
    node_path = luck.choice([(), *(path for path in _places(event) if isinstance(_at(event, path), dict))])
    changed = deepcopy(event)
    _at(changed, node_path)[luck.choice(("", "x", "Extra", "data_base64", "corrects", "sequence", "\u00e4", "a b"))] = (
        deepcopy(luck.choice((*OTHERS, *TEXTS)))
    )
    return changed


def long_text(luck: Random, event: Json) -> Json:
    return _with(event, luck.choice(_places(event)), luck.choice(("x", "\u00e4", "\\", '"')) * (LONG // 6))


def longest_text(luck: Random, event: Json) -> bytes:
    return _dumped(_with(event, luck.choice(_places(event)), _literal)).replace(_literal.encode(), b"x" * LONG)


def many_entries(luck: Random, event: Json) -> Json:
    """A list with thousands of what was in it, or thousands of members."""
    lists = [path for path in _places(event) if isinstance(_at(event, path), list) and _at(event, path)]
    if lists:
        path = luck.choice(lists)
        return _with(event, path, _at(event, path)[:1] * 5_000)
    return event | {f"x{number}": number for number in range(5_000)}


def other_type(luck: Random, event: Json) -> Json:
    """The data of one type under the name of another."""
    others = ("cdmo.raw_material.received", "cdmo.batch.started", "cdmo.event.withdrawn", "cdmo.deviation.closed",
              "cdmo.shipment.condition", "bellwether.Tick", "cdmo.batch", "", "cdmo.batch.planned\n")  # fmt: skip
    return event | {"type": luck.choice(others)}


def other_identity(luck: Random, event: Json) -> Json:
    name = luck.choice(("partnerid", "siteid", "source", "id", "specversion", "sequence", "corrects", "subject"))
    return event | {name: luck.choice((*TEXTS, "BSL", "VNL", "alpenbio", "0.3", "1.0", "7", "9" * 30, "x" * 300))}


def extreme_amounts(luck: Random, event: Json) -> Json:
    """All numbers at once as large or as small as the form allows."""
    changed = deepcopy(event)
    for path in _places(changed):
        if type(_at(changed, path)) in (int, float):
            changed = _with(changed, path, luck.choice((1e12, 0, 1e-9, 999_999_999_999.999999, 10_000, 1, 1e300)))
    return changed


def _at(node: Json, path: Sequence[Any]) -> Json:
    for step in path:
        node = node[step]
    return node


OF_BYTES: Mapping[Spoiling, int] = {
    bit_flips: 16, truncated: 8, bad_utf8: 6, other_encoding: 2, nothing: 3, noise: 2, doubled: 2,
}  # fmt: skip
OF_HEADERS: Mapping[Spoiling, int] = {wrong_headers: 8}
OF_JSON: Mapping[Spoiling, int] = {
    _on_json(_one_value(wrong_type)): 10,
    _on_json(_one_value(extreme_time)): 8,
    _on_json(_one_value(strange_text)): 8,
    _on_json(_one_value(deep_nesting)): 3,
    _on_json(very_deep_nesting): 1,
    _on_json(huge_number): 10,
    _on_json(duplicated_key): 3,
    _on_json(missing_member): 5,
    _on_json(odd_member): 4,
    _on_json(many_entries): 1,
    _on_json(other_type): 2,
    _on_json(other_identity): 4,
    _on_json(extreme_amounts): 4,
}
LONG_TEXTS = (_on_json(long_text), _on_json(longest_text))
LONG_PART = 0.002
"""Of all records. A broker in memory holds what is sent to it, twice."""


class Hand:
    """Spoils records, most of them once, some twice; the same seed spoils in the same way. `in_headers`: headers too."""

    def __init__(self, seed: int, *, in_headers: bool) -> None:
        self.luck = Random(seed)
        weights = {**OF_BYTES, **OF_JSON, **(OF_HEADERS if in_headers else {})}
        self._ways, self._weights = list(weights), list(weights.values())

    def spoil(self, said: Said) -> Said:
        luck = self.luck
        if luck.random() < LONG_PART:
            return luck.choice(LONG_TEXTS)(luck, said)
        for way in luck.choices(self._ways, self._weights, k=2 if luck.random() < 0.15 else 1):
            said = way(luck, said)
        return said
