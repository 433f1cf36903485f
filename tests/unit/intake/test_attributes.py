"""The envelope is judged as the standard judges it: equal verdicts with a JSON schema stated from its text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from streams.intake import attributes
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.partner_events import refused, stock_report, text

# CloudEvents 1.0.2: "Context Attributes", "Type System", "Naming Conventions"; JSON format 1.0.2 for the types.
PLAIN = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
SCHEMA = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "pattern": PLAIN},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1, "pattern": PLAIN},
        "subject": {"type": "string", "minLength": 1, "pattern": PLAIN},
        "dataschema": {"type": "string", "minLength": 1, "format": "uri"},
        "time": {"type": "string", "format": "date-time"},
        "recordedtime": {"type": "string", "format": "date-time"},
        "datacontenttype": {"type": "string", "pattern": "^[!-.0-~]+/[!-.0-:<-~]+([ \\t]*;.+=.+)?$"},
        "data": {},
    },
    "patternProperties": {
        "^(?!data$)[a-z0-9]+$": {
            "anyOf": [
                {"type": "string", "pattern": PLAIN},
                {"type": "boolean"},
                {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
            ]
        }
    },
    "additionalProperties": False,
}
ORACLE = Draft7Validator(SCHEMA, format_checker=FormatChecker(["uri", "uri-reference", "date-time"]))


def standard_allows(event: dict[str, Any]) -> bool:
    return ORACLE.is_valid({name: value for name, value in event.items() if value is not None or name == "data"})


def we_allow(event: dict[str, Any]) -> bool:
    try:
        attributes.checked(event)
    except Refusal:
        return False
    return True


TEXTS = ("", "a b", "é", "a\nb", "\x7f", "\x85", 5, [], {})
VARIANTS: dict[str, tuple[Any, ...]] = {
    "id": TEXTS,
    "type": TEXTS,
    "subject": TEXTS,
    "ext": (*TEXTS, True, 2**31 - 1, 2**31, -(2**31), 1.5, [1], {"a": 1}),
    "source": (
        *("", "/a", "a b", "urn:x:y", "//[::1]:80/x", "http://[::1", "%zz", "a%20b"),
        *("#", "?q", ":a", "é", "1:2", "a:b", "//h:x", "a//b", "http://[v1.a]/"),
    ),
    "dataschema": ("", "/relative", "http://x/y", "urn:a", "x y", "mailto:a@b", "é:x"),
    "time": (
        *("2026-01-05T08:00:00Z", "2026-01-05t08:00:00z", "2026-01-05 08:00:00Z", "2026-01-05T08:00:00", "2026-01-05"),
        *("2026-01-05T08:00:00+01:00", "2026-01-05T08:00:00+0100", "2026-01-05T08:00:00.123456789Z", "", "soon", 5),
        *("2026-01-05T08:00Z", "2026-01-05T08:00:00,5Z", "2026-01-05T08:00:00.Z"),
    ),
    "specversion": ("1.0", "0.3", "1.1", "", 1.0, 1),
    "datacontenttype": ("application/json", "json", "", "a/b; c=d", 'text/x;a="b c"', "a b/c", 7),
    **dict.fromkeys(("Ext", "my-ext", "my_ext", "ex t", "é", "", "e1", "1e", "٣"), ("x",)),
}
CHANGES = [(name, value) for name, values in VARIANTS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_one_attribute_is_judged_as_the_standard_judges_it(name: str, value: object) -> None:
    event = stock_report(**{name: value})
    assert we_allow(event) == standard_allows(event)


@pytest.mark.parametrize("name", ["id", "source", "specversion", "type"])
@pytest.mark.parametrize("unset", ["missing", "null"])
def test_a_required_attribute_may_be_neither_missing_nor_null(name: str, unset: str) -> None:
    event = stock_report(**{name: None})
    if unset == "missing":
        del event[name]
    refusal = refused(text(event))
    assert (refusal.reason, refusal.place) == (Reason.MISSING_ATTRIBUTE, f"$.{name}")


def test_an_event_without_a_time_is_refused_and_gets_none() -> None:
    assert refused(text(stock_report(time=None))).reason is Reason.BAD_FIELD


def test_an_unset_attribute_is_as_good_as_none() -> None:
    assert "subject" not in attributes.checked(stock_report(subject=None))


def test_noncharacters_are_disallowed() -> None:
    assert not we_allow(stock_report(id="a\uffff"))
    assert not we_allow(stock_report(id="a\U0001fffe"))


REFERENCES = st.text(alphabet="aZ0:/?#[]@!$%20éA. -_~,;=()*+'&\\\"<>{}|^`", max_size=12)


@given(REFERENCES)
def test_sources_are_judged_as_rfc_3986_judges_them(source: str) -> None:
    event = stock_report(source=source)
    assert we_allow(event) == standard_allows(event)


@given(st.from_regex(r"\A\d{4}-\d\d?-\d\d[Tt ]\d\d:\d\d:[0-5]\d(\.\d*)?(Z|z|[+-]\d\d:?\d\d|)\Z"))
def test_a_time_that_we_take_is_one_by_rfc_3339(time: str) -> None:
    event = stock_report(time=time)
    try:
        refused(text(event))
    except AssertionError:
        assert standard_allows(event)
