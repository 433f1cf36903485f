"""What every format gives: events in the words of the service, each with its place in the record that it came in. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from streams.intake.refusal import Reason, Refusal, quoted


class Draft(NamedTuple):
    """A CloudEvent as `admission.admit` takes it, and where in the record it stands (a JSON path, a line, a segment)."""

    event: dict[str, Any]
    place: str


class Codes(NamedTuple):
    """A partner's codes and what they are called here, by table (`materials`, `sites`, `statuses`...); units by Rec 20."""

    tables: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]

    def ours(self, table: str, code: str, place: str) -> str:
        """Our code for theirs; theirs itself where the partner has no such table. Raises `Refusal` for one left out."""
        known = self.tables.get(table)
        if known is None:
            return code
        if code not in known:
            message = f"The table {table!r} of the partner's profile does not know {quoted(code)}"
            raise Refusal(Reason.UNKNOWN_CODE, message, place)
        return known[code]

    def unit(self, code: str) -> str:
        """The unit's code by UN/ECE Rec 20; one without an entry is passed on, and refused later if it is none."""
        return self.units.get(code, code)
