"""X12 (004010) of one site: 856 for what is booked, 214 for where it is. An interchange a transaction set."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from streams.simulation.deliveries import Delivery
from streams.simulation.envelope import Notice, Record
from streams.simulation.journal import Told
from streams.simulation.wire import shipping

HEADERS: Final = (("content-type", b"application/edi-x12"),)
STATUSES: Final[Mapping[str, str]] = {
    "cdmo.shipment.departed": "AF",
    "cdmo.shipment.arrived": "X1",
    "cdmo.shipment.eta_changed": "AG",
}
"""Element 1650."""

UNITS: Final = {"KGM": "KG", "GRM": "GR", "LTR": "LT", "MLT": "ML", "C62": "UN", "EA": "EA"}
"""Element 355."""

MODES: Final = {"air": "A", "road": "M"}
"""Element 91."""


class X12:
    """The interchanges of one site. Times are UTC, as the profile says."""

    is_final = True

    def __init__(self, partner: str, site: str) -> None:
        self._partner = partner
        self._site = site
        self._types = shipping.COURSE | {shipping.BOOKED}

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return shipping.key(told, self._types)

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        return name, self._record(self._interchange(name, notice, written))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: cut off, a count of segments that is not so, another set than those that are read."""
        text = self._interchange(name, notice, written)
        match luck.randrange(3):
            case 0:
                text = shipping.cut_off(text, luck)
            case 1:
                text = text.replace("~SE*", "~SE*9")
            case _:
                text = text.replace("~ST*856*", "~ST*810*").replace("~ST*214*", "~ST*210*")
        return self._record(text)

    def _record(self, text: str) -> Record:
        return Record(self._partner, HEADERS, self._site.encode(), text.encode("ascii"))

    def _interchange(self, name: str, notice: Notice, written: datetime) -> str:
        told = Told(notice.site, notice.type, notice.at, notice.data, "")
        booked = told.type == shipping.BOOKED
        body = self._notice(told, written) if booked else self._status(name, told)
        number = name.rpartition("P")[2].zfill(9)
        at = written.astimezone(UTC)
        sender, receiver = self._partner.upper().ljust(15), "BELLWETHER".ljust(15)
        segments = [
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender}*ZZ*{receiver}*{at:%y%m%d}*{at:%H%M}*U*00401*{number}*0*P*>",
            f"GS*{'SH' if booked else 'QM'}*{self._partner.upper()}*BELLWETHER*{at:%Y%m%d}*{at:%H%M%S}*{int(number)}*X*004010",
            f"ST*{'856' if booked else '214'}*0001",
            *body,
            f"SE*{len(body) + 2}*0001",
            f"GE*1*{int(number)}",
            f"IEA*1*{number}",
        ]
        return "".join(f"{one}~" for one in segments)

    def _notice(self, told: Told, written: datetime) -> Sequence[str]:
        data: Mapping[str, Any] = told.data
        at = written.astimezone(UTC)
        segments = [
            f"BSN*00*{data['shipment_id']}*{at:%Y%m%d}*{at:%H%M%S}",
            "HL*1**S",
            f"TD5**ZZ*{data['carrier']}*{MODES[data['mode']]}",
            _date("068", data["planned_departure"]),
            _date("067", data["planned_arrival"]),
            f"N1*SF**92*{data['ship_from']}",
            f"N1*ST**92*{data['ship_to']}",
        ]
        levels = 1
        if "po_no" in data:
            levels += 1
            segments += ["HL*2*1*O", f"PRF*{data['po_no']}"]
        for number, line in enumerate(data["lines"], 1):
            lot = f"*LT*{line['lot']}" if "lot" in line else ""
            segments += [f"HL*{levels + number}*{levels}*I", f"LIN**BP*{line['material_code']}{lot}"]
            segments.append(f"SN1**{line['qty']}*{UNITS[line['uom']]}")
            if "expiry" in line:
                segments.append(f"DTM*036*{line['expiry'].replace('-', '')}")
        return [*segments, f"CTT*{len(data['lines'])}"]

    def _status(self, name: str, told: Told) -> Sequence[str]:
        at = shipping.happened(told).astimezone(UTC)
        segments = [
            f"B10*{name}*{told.data['shipment_id']}*XXXX",
            f"N1*CN**92*{self._site}",
            "LX*1",
            f"AT7*{STATUSES[told.type]}*NS***{at:%Y%m%d}*{at:%H%M%S}*UT",
        ]
        expected = told.data.get("estimated_arrival")
        if told.type == "cdmo.shipment.departed" and isinstance(expected, datetime):
            expected = expected.astimezone(UTC)
            segments.append(f"AT7*AG*NS***{expected:%Y%m%d}*{expected:%H%M%S}*UT")
        return segments


def _date(qualifier: str, at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"DTM*{qualifier}*{at:%Y%m%d}*{at:%H%M%S}*UT"
