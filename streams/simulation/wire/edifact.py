"""EDIFACT of one site: DESADV (D.96A) for what is booked, IFTSTA (D.01B) for where it is. An interchange a message."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from streams.simulation.deliveries import Delivery
from streams.simulation.envelope import Notice, Record
from streams.simulation.journal import Told
from streams.simulation.wire import shipping

HEADERS: Final = (("content-type", b"application/edifact"),)
STATUSES: Final[Mapping[str, str]] = {
    "cdmo.shipment.departed": "24",
    "cdmo.shipment.arrived": "21",
    "cdmo.shipment.eta_changed": "ZET",
}
"""UN/ECE Recommendation 24; it has no code for another arrival that is expected, so the partner has its own."""

MODES: Final = {"air": "40", "road": "30"}
"""UN/ECE Recommendation 19, as TDT 8067 has it."""


class Edifact:
    """The interchanges of one site. Times are of its own zone."""

    is_final = True

    def __init__(self, partner: str, site: str, zone: str, types: frozenset[str]) -> None:
        self._partner = partner
        self._site = site
        self._zone = ZoneInfo(zone)
        self._types = types

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return shipping.key(told, self._types)

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        return name, self._record(self._interchange(name, notice, written))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: cut off, a count of segments that is not so, a date that is none."""
        text = self._interchange(name, notice, written)
        match luck.randrange(3):
            case 0:
                text = shipping.cut_off(text, luck)
            case 1:
                text = text.replace("UNT+", "UNT+9")
            case _:
                text = text.replace("DTM+137:20", "DTM+137:99", 1).replace(":204'", ":102'", 1)
        return self._record(text)

    def _record(self, text: str) -> Record:
        return Record(self._partner, HEADERS, self._site.encode(), text.encode("latin-1"))

    def _interchange(self, name: str, notice: Notice, written: datetime) -> str:
        told = Told(notice.site, notice.type, notice.at, notice.data, "")
        message = self._advice(told, written) if told.type == shipping.BOOKED else self._status(name, told, written)
        kind = "DESADV:D:96A:UN" if told.type == shipping.BOOKED else "IFTSTA:D:01B:UN"
        local = written.astimezone(self._zone)
        reference = name.replace("-", "")
        sender = f"{self._partner.upper()}+BELLWETHER"
        segments = [
            f"UNB+UNOC:3+{sender}+{local:%y%m%d}:{local:%H%M}+{reference}",
            f"UNH+1+{kind}",
            *message,
            f"UNT+{len(message) + 2}+1",
            f"UNZ+1+{reference}",
        ]
        return "".join(f"{one}'\r\n" for one in segments)

    def _advice(self, told: Told, written: datetime) -> Sequence[str]:
        data: Mapping[str, Any] = told.data
        segments = [f"BGM+351+{data['shipment_id']}+9", self._date("137", written)]
        if data["planned_departure"] > written:  # one that has come would say that the goods have left
            segments.append(self._date("11", data["planned_departure"]))
        segments.append(self._date("132", data["planned_arrival"]))
        if "po_no" in data:
            segments.append(f"RFF+ON:{data['po_no']}")
        segments += [f"NAD+SF+{data['ship_from']}", f"NAD+ST+{data['ship_to']}"]
        segments += [f"TDT+20++{MODES[data['mode']]}++{data['carrier']}", "CPS+1"]
        for number, line in enumerate(data["lines"], 1):
            segments += [f"LIN+{number}++{line['material_code']}:BP", f"QTY+12:{line['qty']}:{line['uom']}"]
            if "lot" in line:
                segments += [f"RFF+BT:{line['lot']}", f"DTM+36:{line['expiry'].replace('-', '')}:102"]
        return segments

    def _status(self, name: str, told: Told, written: datetime) -> Sequence[str]:
        reason = f"+:::{told.data['reason']}" if "reason" in told.data else ""
        segments = [
            f"BGM+23+{name}+9",
            self._date("137", written),
            f"NAD+CN+{self._site}",
            f"CNI+1+{told.data['shipment_id']}",
            f"STS+1+{STATUSES[told.type]}{reason}",
            self._date("334", shipping.happened(told)),
        ]
        expected = told.data.get("estimated_arrival")
        if told.type == "cdmo.shipment.departed" and isinstance(expected, datetime):
            segments.append(self._date("132", expected))
        return segments

    def _date(self, qualifier: str, at: datetime) -> str:
        return f"DTM+{qualifier}:{at.astimezone(self._zone):%Y%m%d%H%M%S}:204"
