"""What follows from an EPCIS event, and what is refused because nobody could say what follows."""

import pytest

from streams.intake.draft import Codes
from streams.intake.epcis import EpcisFeed
from streams.intake.epcis.freight import MOST_READINGS
from streams.intake.refusal import Reason
from tests.unit.intake.epcis.saying import FEED, GTIN, LOT, SSCC, SSCC_18, document, drafts, fault, happened, said, text

PLACE = "$.epcisBody.eventList[0]"
SITES = Codes({"sites": {"urn:epc:id:sgln:4012345.00001.0": "BSL", "0614141007776": ""}}, {})
BASEL, DOCK = {"id": "urn:epc:id:sgln:4012345.00001.0"}, {"id": "urn:epc:id:sgln:0614141.00777.0"}


def test_an_event_that_is_read_twice_has_the_same_ids_and_another_has_others() -> None:
    first, again, other = happened(), happened(recordTime="2026-01-06T08:00:00Z"), happened(bizStep="accepting")
    ids = [draft.event["id"] for draft in drafts(first, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_the_ids_come_from_the_events_own_id_and_are_never_too_long() -> None:
    [short, long] = drafts(happened(eventID="urn:uuid:7"), happened(eventID="urn:acme:" + "7" * 300))
    assert short.event["id"] == f"urn:uuid:7#raw_material.received/{GTIN}/L-7/KGM"
    assert len(long.event["id"]) < 200


def test_a_declaration_of_error_withdraws_each_id_that_the_event_gave() -> None:
    declared = {"declarationTime": "2026-01-07T08:00:00Z", "reason": "did_not_occur"}
    given = [draft.event["id"] for draft in drafts(happened())]
    undone = drafts(happened(errorDeclaration=declared))
    assert [draft.event["data"]["event_id"] for draft in undone] == given
    assert {draft.event["type"] for draft in undone} == {"cdmo.event.withdrawn"}
    assert undone[0].place == f"{PLACE}.errorDeclaration"


def test_an_event_of_a_place_that_nobody_knows_is_refused_and_says_what_to_do() -> None:
    refusal = fault(text(document(happened(bizLocation={"id": "urn:epc:id:sgln:9521321.00001.0"}))), codes=SITES)
    assert (refusal.reason, refusal.place) == (Reason.UNKNOWN_CODE, PLACE)
    assert "sites" in refusal.message


def test_an_event_of_a_place_that_is_known_to_be_anothers_says_nothing_here() -> None:
    assert said(happened(bizLocation=DOCK), happened(bizLocation=BASEL), codes=SITES)[0][1]["internal_lot"] == "L-7"
    assert fault(text(document(happened(bizLocation=DOCK))), codes=SITES).reason is Reason.NO_EVENT


def test_the_site_of_a_draft_is_ours_and_left_out_where_the_partner_has_no_table() -> None:
    assert drafts(happened(bizLocation=BASEL), codes=SITES)[0].event["siteid"] == "BSL"
    assert "siteid" not in drafts(happened(bizLocation=BASEL))[0].event


def test_several_pallets_with_goods_that_nobody_can_part_are_refused() -> None:
    other = "urn:epc:id:sscc:4012345.0111111112"
    refusal = fault(text(document(happened(bizStep="shipping", epcList=[SSCC, other]))))
    assert (refusal.reason, refusal.place) == (Reason.BAD_VALUE, PLACE)


def test_several_pallets_that_were_packed_before_depart_each() -> None:
    other = "urn:epc:id:sscc:4012345.0111111112"
    found = said(happened(bizStep="shipping", epcList=[SSCC, other], quantityList=None))
    assert [kind for kind, _ in found] == ["shipment.departed", "shipment.departed"]


def test_the_despatch_advice_goes_before_the_pallet_unless_the_profile_says_otherwise() -> None:
    papers = [{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"}]
    event = happened(bizStep="arriving", epcList=[SSCC], quantityList=None, bizTransactionList=papers)
    assert said(event)[0][1]["shipment_id"] == "1152"
    assert said(event, feed=EpcisFeed(source="/a", shipment=("sscc",)))[0][1]["shipment_id"] == SSCC_18


def test_a_profile_that_names_shipments_by_nothing_known_is_wrong() -> None:
    with pytest.raises(ValueError, match="desdav"):
        EpcisFeed(source="/a", shipment=("desdav",))


def test_amounts_of_one_lot_are_added_up_and_an_open_amount_stays_open() -> None:
    assert said(happened(quantityList=[LOT, LOT]))[0][1]["qty"] == 400
    open_amount = {"epcClass": LOT["epcClass"]}
    assert said(happened(quantityList=[open_amount]))[0][0] == "raw_material.status_changed"


def test_a_negative_amount_is_refused_at_its_place() -> None:
    refusal = fault(text(document(happened(quantityList=[LOT, LOT | {"quantity": -1}]))))
    assert refusal.place == f"{PLACE}.quantityList[1].quantity"


def test_units_go_through_the_partners_table_and_none_is_pieces() -> None:
    codes = Codes({}, {"KI": "KGM"})
    assert said(happened(quantityList=[LOT | {"uom": "KI"}]), codes=codes)[0][1]["uom"] == "KGM"
    pieces = {name: value for name, value in LOT.items() if name != "uom"}
    assert said(happened(quantityList=[pieces]))[0][1]["uom"] == "C62"


def test_the_partners_table_of_statuses_goes_before_ours() -> None:
    codes = Codes({"statuses": {"conformant": "released", "damaged": "on_hold"}}, {})
    found = [happened(bizStep="inspecting", disposition=one) for one in ("conformant", "damaged", "recalled")]
    assert [data["status"] for _, data in said(*found, codes=codes)] == ["released", "on_hold", "rejected"]


def test_a_count_of_what_nobody_says_may_be_used_is_refused() -> None:
    refusal = fault(text(document(happened(bizStep="stock_taking"))))
    assert (refusal.reason, refusal.place) == (Reason.MISSING_VALUE, f"{PLACE}.disposition")


def test_a_temperature_in_a_strange_unit_is_refused_at_its_place() -> None:
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 5, "uom": "XYZ"}]}]
    refusal = fault(text(document(happened(epcList=[SSCC], quantityList=None, sensorElementList=sensed))))
    assert refusal.place == f"{PLACE}.sensorElementList[0].sensorReport[0].uom"


def test_readings_over_many_shipments_are_bounded() -> None:
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 5, "uom": "CEL"}] * 200}]
    pallets = [f"urn:epc:id:sscc:4012345.{number:010}" for number in range(MOST_READINGS // 200 + 1)]
    event = happened(bizStep="sensor_reporting", epcList=pallets, quantityList=None, sensorElementList=sensed)
    assert fault(text(document(event))).reason is Reason.TOO_LARGE


def test_the_inputs_of_a_transformation_are_bounded_over_all_that_it_gives() -> None:
    def lots(count: int) -> list[dict[str, object]]:
        return [LOT | {"epcClass": f"urn:epc:class:lgtin:4012345.011111.L-{number}"} for number in range(count)]

    event = happened("TransformationEvent", inputQuantityList=lots(201), outputQuantityList=lots(100))
    assert fault(text(document(event))).reason is Reason.TOO_LARGE


def test_other_measures_than_temperature_say_nothing_of_a_shipment() -> None:
    sensed = [{"sensorReport": [{"type": "AbsoluteHumidity", "value": 5, "uom": "A93"}]}]
    event = happened(bizStep="sensor_reporting", epcList=[SSCC], quantityList=None, sensorElementList=sensed)
    assert fault(text(document(event))).reason is Reason.NO_EVENT


def test_the_type_of_a_paper_may_be_a_partners_own() -> None:
    own = "https://acme.example/paper/waybill"
    papers = [{"type": own, "bizTransaction": "https://acme.example/waybills/W-1"}]
    event = happened("TransactionEvent", bizStep="transporting", epcList=[], bizTransactionList=papers)
    assert said(event, feed=EpcisFeed(source="/a", shipment=(own,)))[0][1]["shipment_id"] == "W-1"
    assert FEED.shipment[0] == "desadv"
