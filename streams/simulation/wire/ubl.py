"""UBL 2.1 of one site: a despatch advice for each shipment that is booked to it, by webhook."""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from streams.intake.profile import Profile
from streams.simulation.deliveries import Delivery, Posted
from streams.simulation.envelope import Notice
from streams.simulation.journal import Told
from streams.simulation.wire import shipping
from streams.simulation.wire.form import theirs

ROOT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<DespatchAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
)
MODES: Final = {"air": "4", "road": "3"}
"""UN/ECE Recommendation 19."""


class Ubl:
    """The advices of one site. Times are written with their offset."""

    is_final = True

    def __init__(self, partner: str, site: str, profile: Profile) -> None:
        self._partner = partner
        self._gln = theirs(profile, "sites")[site]

    def key(self, told: Told) -> Hashable:
        """See `Form`."""
        return shipping.key(told, frozenset({shipping.BOOKED}))

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`."""
        return name, self._posted(name, self._advice(name, notice.data, written))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: cut off, an amount that is none, without a number, a wrong signature."""
        text = self._advice(name, notice.data, written)
        match luck.randrange(4):
            case 0:
                text = shipping.cut_off(text, luck)
            case 1:
                text = text.replace("</cbc:DeliveredQuantity>", " circa</cbc:DeliveredQuantity>")
            case 2:
                text = text.replace("cbc:ID>", "cbc:Numero>", 2)
            case _:
                return self._posted(name, text, is_signed=False)
        return self._posted(name, text)

    def _posted(self, name: str, text: str, *, is_signed: bool = True) -> Posted:
        return Posted(self._partner, name, "application/xml", text.encode(), is_signed)

    def _advice(self, name: str, data: Mapping[str, Any], written: datetime) -> str:
        uuid = uuid5(NAMESPACE_URL, f"https://{self._partner}.example/{name}")
        order = f"<cac:OrderReference>{_said('ID', data['po_no'])}</cac:OrderReference>" if "po_no" in data else ""
        lines = "".join(_line(number, line) for number, line in enumerate(data["lines"], 1))
        despatch = _at("EstimatedDespatch", data["planned_departure"])
        arrival = _at("End", data["planned_arrival"])
        return (
            f"{ROOT}{_said('UBLVersionID', '2.1')}{_said('ID', data['shipment_id'])}{_said('UUID', uuid)}"
            f"{_at('Issue', written)}{order}<cac:Shipment>{_said('ID', '1')}<cac:ShipmentStage>"
            f"{_said('TransportModeCode', MODES[data['mode']])}<cac:CarrierParty><cac:PartyName>"
            f"{_said('Name', data['carrier'])}</cac:PartyName></cac:CarrierParty></cac:ShipmentStage><cac:Delivery>"
            f"<cac:DeliveryLocation>{_said('ID', self._gln)}</cac:DeliveryLocation>"
            f"<cac:EstimatedDeliveryPeriod>{arrival}</cac:EstimatedDeliveryPeriod><cac:Despatch>{despatch}"
            f"<cac:DespatchLocation>{_said('ID', data['ship_from'])}</cac:DespatchLocation></cac:Despatch>"
            f"</cac:Delivery></cac:Shipment>{lines}</DespatchAdvice>"
        )


def _line(number: int, line: Mapping[str, Any]) -> str:
    lot = ""
    if "lot" in line:
        expiry = _said("ExpiryDate", line["expiry"])
        lot = f"<cac:LotIdentification>{_said('LotNumberID', line['lot'])}{expiry}</cac:LotIdentification>"
        lot = f"<cac:ItemInstance>{lot}</cac:ItemInstance>"
    item = f"<cac:BuyersItemIdentification>{_said('ID', line['material_code'])}</cac:BuyersItemIdentification>{lot}"
    amount = f'<cbc:DeliveredQuantity unitCode="{line["uom"]}">{line["qty"]}</cbc:DeliveredQuantity>'
    return f"<cac:DespatchLine>{_said('ID', number)}{amount}<cac:Item>{item}</cac:Item></cac:DespatchLine>"


def _at(name: str, at: datetime) -> str:
    at = at.astimezone(UTC)
    return _said(f"{name}Date", f"{at:%Y-%m-%d}") + _said(f"{name}Time", f"{at:%H:%M:%S}Z")


def _said(name: str, text: object) -> str:
    return f"<cbc:{name}>{escape(str(text))}</cbc:{name}>"
