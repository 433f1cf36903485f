"""Alerting files that went wrong under somebody's hands: a good one, and what a seeded hand does to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

SECRET = "s3cr3t"
GOOD = (
    (Path(__file__).parents[4] / "docs" / "examples" / "alerting.yaml")
    .read_text(encoding="utf-8")
    .replace("env:CARLA_CHAT", f"json://carla:{SECRET}@localhost/")
)

Path_ = tuple[str | int, ...]


class Spot(NamedTuple):
    """A key or a value of the file, from character `begin` to `end`."""

    path: Path_
    begin: int
    end: int
    is_key: bool


class Spoilt(NamedTuple):
    """The text afterwards; `at`: the character where it went wrong, None when that is nowhere in particular."""

    text: str
    way: str
    at: int | None


def spots(text: str) -> list[Spot]:
    """All keys and single values."""
    return list(_spots(YAML(typ="safe", pure=True).compose(text), ()))


def _spots(node: Any, path: Path_) -> Iterator[Spot]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield Spot(here, key.start_mark.index, key.end_mark.index, True)
            yield from _spots(value, here)
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            yield from _spots(item, (*path, number))
    else:
        yield Spot(path, node.start_mark.index, node.end_mark.index, False)


WRONG = (
    "[]", "{}", "null", "true", "-1", "0", "1e400", ".nan", '""', '" "', "!!set x", "&a x", "*nowhere", "[[x]]", "{a: {b: c}}",
    "25:00", "24:30", "1x", "99999d", "2026-02-30", "Mars/Olympus", "QQ", "CH-QQ", "nobody-of-that-name", "owner",
    'kind=~"("', "knd=x", "severity>=urgent", "x" * 5000, '"\\0"', "monday", "-5m", "08:00-08:00", "critical",
)  # fmt: skip

SPOTS = spots(GOOD)


def wrong_value(luck: Random) -> Spoilt:
    spot = luck.choice([one for one in SPOTS if not one.is_key])
    return Spoilt(GOOD[: spot.begin] + luck.choice(WRONG) + GOOD[spot.end :], "wrong value", spot.begin)


def slip_in_a_value(luck: Random) -> Spoilt:
    spot = luck.choice([one for one in SPOTS if not one.is_key and one.end - one.begin > 2])
    return Spoilt(_slip(luck, spot), "slip in a value", spot.begin)


def slip_in_a_key(luck: Random) -> Spoilt:
    spot = luck.choice([one for one in SPOTS if one.is_key])
    return Spoilt(_slip(luck, spot), "slip in a key", spot.begin)


def _slip(luck: Random, spot: Spot) -> str:
    """A letter is left out, doubled or exchanged with the next."""
    at = luck.randrange(spot.begin, spot.end - 1)
    changed = luck.choice((GOOD[at + 1], GOOD[at] * 2 + GOOD[at + 1], GOOD[at + 1] + GOOD[at]))
    return GOOD[:at] + changed + GOOD[at + 2 :]


def stray_character(luck: Random) -> Spoilt:
    at = luck.randrange(len(GOOD))
    stray = luck.choice(":{}[],&*!|>'\"%@\t#-?\x00\x7f\ufeff\u2028x ")
    return Spoilt(GOOD[:at] + stray + GOOD[at:], "stray character", at)


def lost_characters(luck: Random) -> Spoilt:
    at = luck.randrange(len(GOOD))
    return Spoilt(GOOD[:at] + GOOD[at + luck.choice((1, 1, 2, 5, 40)) :], "lost characters", at)


def cut_off(luck: Random) -> Spoilt:
    return Spoilt(GOOD[: luck.randrange(len(GOOD))], "cut off", None)


def _on_lines(change: Callable[[Random, list[str], int], None], way: str) -> Callable[[Random], Spoilt]:
    def spoilt(luck: Random) -> Spoilt:
        lines = GOOD.splitlines(keepends=True)
        change(luck, lines, luck.choice([number for number, line in enumerate(lines) if line.strip()]))
        return Spoilt("".join(lines), way, None)

    return spoilt


def _drop(luck: Random, lines: list[str], number: int) -> None:
    del lines[number]


def _double(luck: Random, lines: list[str], number: int) -> None:
    lines.insert(number, lines[number])


def _indent(luck: Random, lines: list[str], number: int) -> None:
    lines[number] = luck.choice((" ", "  ", "\t")) + lines[number] if luck.random() < 0.5 else lines[number].lstrip()


def _swap(luck: Random, lines: list[str], number: int) -> None:
    other = luck.randrange(len(lines))
    lines[number], lines[other] = lines[other], lines[number]


WAYS: dict[Callable[[Random], Spoilt], int] = {
    wrong_value: 40,
    slip_in_a_value: 20,
    slip_in_a_key: 20,
    stray_character: 30,
    lost_characters: 30,
    cut_off: 10,
    _on_lines(_drop, "dropped line"): 15,
    _on_lines(_double, "doubled line"): 10,
    _on_lines(_indent, "indented line"): 15,
    _on_lines(_swap, "swapped lines"): 10,
}


def spoil(seed: int, count: int) -> list[Spoilt]:
    """So many spoilt files, none of them twice and none as good as before."""
    luck = Random(seed)
    found: dict[str, Spoilt] = {}
    while len(found) < count:
        one = luck.choices(list(WAYS), list(WAYS.values()))[0](luck)
        if one.text != GOOD:
            found.setdefault(one.text, one)
    return list(found.values())
