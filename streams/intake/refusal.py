"""Why a record was not taken, and where in it the fault lies."""

from enum import StrEnum

LONGEST_MESSAGE = 500


class Reason(StrEnum):
    """The closed set of reasons: a label of metrics, and what a partner's own monitoring can match on."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NO_CONTENT_TYPE = "no_content_type"
    UNKNOWN_FORMAT = "unknown_format"
    BAD_HEADER = "bad_header"
    BAD_ENCODING = "bad_encoding"
    BAD_JSON = "bad_json"
    DUPLICATE_KEY = "duplicate_key"
    TOO_DEEP = "too_deep"
    BAD_ATTRIBUTE = "bad_attribute"
    MISSING_ATTRIBUTE = "missing_attribute"
    UNKNOWN_TYPE = "unknown_type"
    RESERVED_TYPE = "reserved_type"
    BAD_TIME = "bad_time"
    FUTURE_TIME = "future_time"
    BAD_FIELD = "bad_field"
    PARTNER_MISMATCH = "partner_mismatch"
    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_FEED = "unknown_feed"
    BAD_MAP = "bad_map"
    BAD_ROW = "bad_row"
    MISSING_COLUMN = "missing_column"
    MISSING_VALUE = "missing_value"
    BAD_VALUE = "bad_value"
    UNKNOWN_CODE = "unknown_code"
    NO_EVENT = "no_event"
    OUR_FAULT = "our_fault"


class Refusal(Exception):
    """The record was not taken.

    `place` is a line and column, a JSON path or the name of a header; empty when the record as a whole is meant.
    """

    def __init__(self, reason: Reason, message: str, place: str = "") -> None:
        self.reason = reason
        self.message = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
        self.place = place
        super().__init__(reason, self.message, place)

    def __str__(self) -> str:
        return f"{self.message} ({self.place})" if self.place else self.message


def quoted(text: object, longest: int = 80) -> str:
    """A partner's own text, safe and short enough to stand in a message."""
    shown = str(text)
    return repr(shown if len(shown) <= longest else shown[: longest - 1] + "…")
