"""URIs and references to them, by the grammar of RFC 3986, appendix A."""

import re

from streams.intake.remembered import remembered

_pct = r"%[0-9A-Fa-f]{2}"
_unreserved = r"A-Za-z0-9\-._~"
_sub = r"!$&'()*+,;="
_pchar = rf"(?:[{_unreserved}{_sub}:@]|{_pct})"
_scheme = r"[A-Za-z][A-Za-z0-9+.\-]*"
_octet = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ipv4 = rf"{_octet}(?:\.{_octet}){{3}}"
_h16 = r"[0-9A-Fa-f]{1,4}"
_ls32 = rf"(?:{_h16}:{_h16}|{_ipv4})"
_ipv6 = "|".join(
    [
        rf"(?:{_h16}:){{6}}{_ls32}",
        rf"::(?:{_h16}:){{5}}{_ls32}",
        rf"(?:{_h16})?::(?:{_h16}:){{4}}{_ls32}",
        rf"(?:(?:{_h16}:)?{_h16})?::(?:{_h16}:){{3}}{_ls32}",
        rf"(?:(?:{_h16}:){{0,2}}{_h16})?::(?:{_h16}:){{2}}{_ls32}",
        rf"(?:(?:{_h16}:){{0,3}}{_h16})?::{_h16}:{_ls32}",
        rf"(?:(?:{_h16}:){{0,4}}{_h16})?::{_ls32}",
        rf"(?:(?:{_h16}:){{0,5}}{_h16})?::{_h16}",
        rf"(?:(?:{_h16}:){{0,6}}{_h16})?::",
    ]
)
_ip_literal = rf"\[(?:{_ipv6}|v[0-9A-Fa-f]+\.[{_unreserved}{_sub}:]+)\]"
_host = rf"(?:{_ip_literal}|(?:[{_unreserved}{_sub}]|{_pct})*)"
_authority = rf"(?:(?:[{_unreserved}{_sub}:]|{_pct})*@)?{_host}(?::\d*)?"
_abempty = rf"(?:/{_pchar}*)*"
_absolute = rf"/(?:{_pchar}+(?:/{_pchar}*)*)?"
_rootless = rf"{_pchar}+(?:/{_pchar}*)*"
_noscheme = rf"(?:[{_unreserved}{_sub}@]|{_pct})+(?:/{_pchar}*)*"
_tail = rf"(?:\?(?:{_pchar}|[/?])*)?(?:#(?:{_pchar}|[/?])*)?"
_uri = rf"{_scheme}:(?://{_authority}{_abempty}|{_absolute}|{_rootless}|){_tail}"
_relative = rf"(?://{_authority}{_abempty}|{_absolute}|{_noscheme}|){_tail}"

_URI = re.compile(_uri, re.ASCII)
_REFERENCE = re.compile(rf"(?:{_uri}|{_relative})", re.ASCII)


@remembered(4096)
def is_uri(text: str) -> bool:
    """Whether the text is a URI: with a scheme."""
    return _URI.fullmatch(text) is not None


@remembered(4096)
def is_reference(text: str) -> bool:
    """Whether the text is a URI or a relative reference; the empty text is one too."""
    return _REFERENCE.fullmatch(text) is not None
