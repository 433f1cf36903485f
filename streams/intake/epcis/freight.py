"""What an event says of shipments: booked by what is packed or shipped, then departed, passed, arrived, received."""

from typing import Any, Final

from streams.intake.epcis.goods import Goods
from streams.intake.epcis.identifiers import identifier
from streams.intake.epcis.schema import AggregationEvent, TransformationEvent
from streams.intake.epcis.telling import Telling
from streams.intake.epcis.temperatures import readings
from streams.intake.epcis.vocabulary import TransactionType
from streams.intake.refusal import Reason, Refusal

LEAVES: Final = frozenset({"shipping", "departing"})
RECEIVES: Final = frozenset({"receiving", "accepting"})
MAKES: Final = frozenset({"commissioning", "creating_class_instance"})
_TOGETHER: Final = frozenset({"sscc", "gsin", "ginc"})
"""Identifiers of what goes as a whole: a void shipment of these is cancelled, of part of a paper it is not."""

MOST_READINGS: Final = 10_000
"""Readings that an event may give, over all its shipments."""


def tell(telling: Telling) -> None:
    """All that the event says of shipments; what is made is on no way yet."""
    if isinstance(telling.event, TransformationEvent) or telling.step in MAKES:
        return
    by, shipments = _shipments(telling)
    if not shipments:
        return
    is_ours, site = telling.where.at("target", "here", "source")
    if not is_ours:
        return
    _tell_course(telling, by, shipments, site)
    _tell_temperatures(telling, shipments, site)


def first(telling: Telling) -> str | None:
    """The shipment that brought what is received."""
    return next(iter(_shipments(telling)[1]), None)


def _shipments(telling: Telling) -> tuple[str, list[str]]:
    """By what they are known, and their numbers."""
    for kind in telling.feed.shipment:
        numbers = telling.transactions(_transaction_type(kind))
        numbers = numbers or [
            one.key + (f".{one.serial}" if one.serial else "") for one in telling.objects() if one.scheme == kind
        ]
        if numbers:
            return kind, list(dict.fromkeys(numbers))
    return "", []


def _transaction_type(kind: str) -> str:
    try:
        return TransactionType.read(kind)
    except ValueError:  # a kind of identifier
        return kind


def _tell_course(telling: Telling, by: str, shipments: list[str], site: str | None) -> None:
    step, packs = telling.step, telling.step == "packing" and isinstance(telling.event, AggregationEvent)
    if telling.feed.books and telling.action != "DELETE" and (packs or step in LEAVES):
        _book(telling, shipments, site)
    for number in shipments:
        said: dict[str, Any] = {"shipment_id": number}
        match step:
            case "shipping" | "departing" if telling.action != "DELETE":
                telling.say("shipment.departed", number, said | {"actual_departure": telling.at}, site)
            case "arriving":
                telling.say("shipment.arrived", number, said | {"actual_arrival": telling.at}, site)
            case "receiving" | "accepting":
                said |= {"received_at": telling.at, "lines": _lines(telling.goods()) if len(shipments) == 1 else ()}
                telling.say("shipment.received", number, said, site)
            case "void_shipping" if by in _TOGETHER or not (telling.spoken.epcs or telling.spoken.quantities):
                telling.say("shipment.cancelled", number, said | {"reason": step}, site)
            case "" | "sensor_reporting":
                pass
            case _:
                passed = {"milestone": step, "location": telling.where.name("here")}
                telling.say("shipment.milestone", number, said | passed, site)


def _book(telling: Telling, shipments: list[str], site: str | None) -> None:
    """The goods of a shipment, where the event names them: what is only a pallet was booked when it was packed."""
    lines = _lines(telling.goods())
    if not lines:
        return
    if len(shipments) > 1:
        message = (
            f"Nobody can say which of {len(shipments)} shipments carries what; send one event for each, "
            "or name the despatch advice (desadv) that they go by"
        )
        raise Refusal(Reason.BAD_VALUE, message, telling.place)
    ssccs = [one.key for one in telling.objects() if one.scheme == "sscc"]
    booked = {
        "shipment_id": shipments[0],
        "lines": lines,
        "po_no": telling.transaction("po"),
        "asn_no": telling.transaction("desadv"),
        "sscc": ssccs,
        "ship_from": telling.where.name("source"),
        "ship_to": telling.where.name("target"),
    }
    telling.say("shipment.booked", shipments[0], {name: said for name, said in booked.items() if said != []}, site)


def _lines(goods: list[Goods]) -> tuple[dict[str, Any], ...]:
    """What has an amount, as lines of a shipment."""
    lines = (
        {"material_code": one.material, "qty": one.qty, "uom": one.uom, "lot": one.lot}
        for one in goods
        if one.qty is not None
    )
    return tuple({name: said for name, said in line.items() if said != ""} for line in lines)


def _tell_temperatures(telling: Telling, shipments: list[str], site: str | None) -> None:
    taken = readings(telling.event.sensor_element_list, telling.at, telling.place)
    count = sum(map(len, taken.values())) * len(shipments)
    if count > MOST_READINGS:
        message = f"The event gives {count} readings over its shipments; at most {MOST_READINGS} are taken"
        raise Refusal(Reason.TOO_LARGE, message, f"{telling.place}.sensorElementList")
    for number in shipments:
        for logger, measured in taken.items():
            said = {
                "shipment_id": number,
                "readings": measured,
                "logger_id": identifier(logger).key if logger else None,
            }
            telling.say("shipment.condition", f"{number}/{logger}", said, site)
