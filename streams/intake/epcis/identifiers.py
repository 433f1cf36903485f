"""What GS1 identifiers say, as EPC URN (GS1 EPC Tag Data Standard 2.0) and as GS1 Digital Link (URI Syntax 1.4, any domain).

Both spellings of one thing give one key: a GTIN-14, an SSCC-18, a GLN-13. What is not GS1's is its own key, as it stands.
"""

import re
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from streams.intake.remembered import remembered


class Identifier(NamedTuple):
    """`scheme`: `sgtin` for all trade items; empty for what is not GS1's. `key` names the thing, or the class of things.

    `lot` and `serial` of a trade item, `serial` of an asset. A place within another has a key of its own, `GLN.extension`.
    `spellings`: how a partner's table may name it, the narrowest first.
    """

    scheme: str
    key: str
    lot: str = ""
    serial: str = ""
    spellings: tuple[str, ...] = ()


_urn = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):(.+)")
_COUNTED = {"sscc": 17, "sgtin": 13, "lgtin": 13, "sgln": 12, "pgln": 12, "gsin": 16, "grai": 12}
"""Digits of company prefix and reference together, before the check digit."""

_KEYS = {
    "00": ("sscc", 18), "01": ("sgtin", 14), "253": ("gdti", 0), "401": ("ginc", 0), "402": ("gsin", 17), "414": ("sgln", 13),
    "417": ("pgln", 13), "8003": ("grai", 0), "8004": ("giai", 0), "8010": ("cpi", 0), "8017": ("gsrnp", 18), "8018": ("gsrn", 18),
}  # fmt: skip
"""Application identifiers that begin a Digital Link: the scheme, and the digits where only digits are allowed."""

_PREFIXES = range(6, 13)
"""Digits that a company prefix may have."""

_CANONICAL = "https://id.gs1.org/"

SCHEMES = frozenset({scheme for scheme, _ in _KEYS.values()} | set(_COUNTED))
"""Kinds of identifiers of GS1."""

_INDICATED = frozenset({"sgtin", "lgtin", "sscc"})
"""Keys that begin with a digit of the reference (indicator or extension), so that there is no such key without one."""


def identifier(uri: str) -> Identifier:
    """What a URI identifies."""
    return _identifier(str(uri))  # also of a kind of text that JSON does not know


@remembered(4096)
def _identifier(uri: str) -> Identifier:
    found = _urn.fullmatch(uri)
    if found is not None:
        return _of_urn(uri, found[1], found[2])
    if uri.startswith(("https://", "http://")):
        return _of_link(uri)
    return Identifier("", uri, spellings=(uri,))


def check_digit(digits: str) -> str:
    """The last digit of a GS1 key (GS1 General Specifications, 7.9): weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _of_urn(uri: str, scheme: str, text: str) -> Identifier:
    parts = text.split(".", 2)
    prefix, reference = parts[0], parts[1] if len(parts) > 1 else ""
    rest = unquote(parts[2]) if len(parts) > 2 else ""
    digits = prefix + reference
    if scheme not in _COUNTED:
        return Identifier(scheme, unquote(text), spellings=(uri, unquote(text)))
    if len(digits) != _COUNTED[scheme] or not (digits.isascii() and digits.isdigit()):
        return Identifier("", uri, spellings=(uri,))
    if not reference and scheme in _INDICATED:
        return Identifier("", uri, spellings=(uri,))
    base = uri.removesuffix("." + parts[2]) if len(parts) > 2 else uri
    match scheme:
        case "sgtin" | "lgtin":
            return _trade_item(scheme, prefix, reference, rest, (uri, base))
        case "sscc":
            key = reference[0] + prefix + reference[1:]
            return Identifier("sscc", key + check_digit(key), spellings=(uri,))
        case "sgln" | "pgln":
            gln = digits + check_digit(digits)
            within = (f"{gln}.{rest}",) if rest not in ("", "0") else ()
            link = _CANONICAL + ("417/" if scheme == "pgln" else "414/") + gln
            spellings = (uri, *within, gln, f"{base}.0", f"{prefix}.{reference}", link)
            return Identifier(scheme, within[0] if within else gln, spellings=spellings)
        case _:
            key = digits + check_digit(digits)
            return Identifier(scheme, key, serial=rest, spellings=(uri, key))


def _trade_item(scheme: str, prefix: str, reference: str, rest: str, uris: tuple[str, ...]) -> Identifier:
    digits = reference[0] + prefix + reference[1:]
    gtin = digits + check_digit(digits)
    lot, serial = (rest, "") if scheme == "lgtin" else ("", "" if rest == "*" else rest)
    spellings = (*uris, gtin, f"{prefix}.{reference}", gtin.lstrip("0"), f"{_CANONICAL}01/{gtin}")
    return Identifier("sgtin", gtin, lot, serial, spellings)


def _of_link(uri: str) -> Identifier:
    """The first pair in the path that begins a GS1 Digital Link, and the lot, serial or extension that qualify it."""
    path = uri.partition("?")[0].partition("#")[0].split("/")[3:]
    for place, (ai, text) in enumerate(pairwise(path)):
        scheme, length = _KEYS.get(ai, ("", 0))
        value = unquote(text)
        if ai == "01" and len(value) in (8, 12, 13):
            value = value.zfill(14)
        if not scheme or not value or (length and (len(value) != length or not value.isdecimal())):
            continue
        after = path[place + 2 :]
        qualifiers = {name: unquote(said) for name, said in zip(after[::2], after[1::2], strict=False)}
        return _linked(uri, scheme, value, qualifiers)
    return Identifier("", uri, spellings=(uri,))


def _linked(uri: str, scheme: str, value: str, qualifiers: dict[str, str]) -> Identifier:
    """A link does not say where the company prefix ends, so each way to write it as a URN is a spelling."""
    if scheme == "sgtin":
        parted = [f"{value[1 : n + 1]}.{value[0]}{value[n + 1 : 13]}" for n in _PREFIXES]
        urns = (f"urn:epc:{kind}:{one}" for kind in ("class:lgtin", "id:sgtin", "idpat:sgtin") for one in parted)
        spellings = (uri, value, value.lstrip("0"), f"{_CANONICAL}01/{value}", *parted, *urns)
        return Identifier("sgtin", value, qualifiers.get("10", ""), qualifiers.get("21", ""), spellings)
    if scheme in ("sgln", "pgln"):
        extension = qualifiers.get("254", "0") if scheme == "sgln" else "0"
        within = (f"{value}.{extension}",) if extension != "0" else ()
        parted = [f"{value[:n]}.{value[n:12]}" for n in _PREFIXES]
        ends = ("",) if scheme == "pgln" else (f".{extension}", ".0") if within else (".0",)
        urns = (f"urn:epc:id:{scheme}:{one}{end}" for end in ends for one in parted)
        return Identifier(scheme, within[0] if within else value, spellings=(uri, *within, *urns, value, *parted))
    if scheme == "grai" and len(value) >= 14:  # a zero before the 13 digits of the asset's type, then the serial
        return Identifier("grai", value[1:14], serial=value[14:], spellings=(uri, value[1:14]))
    return Identifier(scheme, value, spellings=(uri, value))


def business_code(uri: str) -> str:
    """The number of a paper in the URI of a business transaction: as CBV 2.0, section 8.5 writes it, else its last step."""
    uri = str(uri)
    if uri.startswith("urn:epcglobal:cbv:bt:"):
        return unquote(uri.split(":", 5)[5]) if uri.count(":") >= 5 else uri
    known = identifier(uri)
    if known.scheme:
        return known.key
    if uri.startswith(("https://", "http://")):
        path = uri.partition("?")[0].partition("#")[0].split("/")[3:]
        return unquote(next((step for step in reversed(path) if step), uri))
    return uri
