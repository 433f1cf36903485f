"""What stands in the place of a good value: times, numbers, texts and headers that somebody will send one day."""

from typing import Any

EXTREME_TIMES = (
    "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59Z", "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z", "2038-01-19T03:14:08Z",
    "2016-12-31T23:59:60Z", "2026-02-30T08:00:00Z", "2025-01-05T08:00:00", "2025-01-05", "2199-12-31T00:00:00-23:59",
    "1900-01-01", "2199-12-31", "2025-02-29", "9999-12-31", "2025-W53", "2026-W53", "0000-W01", "2199-W52", "1900-W01",
    "9999-W52", "\u0662\u0660\u0662\u0665-W01", "\u0662\u0660\u0662\u0665-01-01", "2025-01-05\n", "",
)  # fmt: skip
LITERALS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "-1e308", "5e-324", "1e12", "-1e12", "1000000000001",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 40, "9" * 5000, "0." + "9" * 5000,
    "-0.0", "01", "+1", ".5", "1.", "0x10", "1_000", "--1", "tru", "undefined", "'text'", "",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.1, -0.5, "", " ", "0", "text", [], [[]], {}, {"": ""}, ["text"], [None], [1, "2"],
    {"value": 1}, "KGM", "released", "2025-01-05T08:00:00Z", "x" * 201, "x" * 4001, "-1", "1e5",
)  # fmt: skip
TEXTS = (
    "\x00", "a\x00b", "\x07\x1b[31m", "\x7f", "\x85", "\ufeff", "\u202e", "\ufffe", "\uffff", "\U0010ffff", "\ud800",
    "a\udfffb", "e\u0301" * 50, "\u2028", "'; drop table lot; --", "{material}", "%s%n", "a/b~c~1d", "/", "~", "\n",
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "@everyone", "\U0001f4a3", "\t \t",
)  # fmt: skip
MEDIA_TYPES = (
    b"", b"application/json", b"application/cloudevents", b"application/cloudevents+xml", b"application/cloudevents-batch+json",
    b"application/cloudevents+json; charset=utf-16", b"application/cloudevents+json; charset=", b"text/csv", b"\xff\xfe",
    b"text/csv; feed=stan", b"text/csv; feed=nobody", b"application/vnd.bellwether.tick", b"a" * 10_000,
    b"APPLICATION/CLOUDEVENTS+JSON", b"application/cloudevents+json;;;=;",
)  # fmt: skip
