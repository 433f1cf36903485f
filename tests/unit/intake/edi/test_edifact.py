"""EDIFACT as partners write it, and what is wrong with it by segment and element."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake.edifact import EdifactFeed, read
from streams.intake.edifact.interchange import messages
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.edi.papers import DESADV, EDIFACT, NO_CODES, edifact, interchange

PLAIN = edifact(DESADV)


def refused(value: bytes, feed: EdifactFeed = EDIFACT) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(value, feed, NO_CODES, {})
    return caught.value


def lines(body: str, feed: EdifactFeed = EDIFACT):
    return read(edifact(body), feed, NO_CODES, {})[0].event["data"]["lines"]


def test_service_characters_of_the_partners_own_choice_change_nothing():
    other = PLAIN.decode("latin-1")
    for usual, chosen in (("?'", "\0"), ("'", "~"), ("+", "*"), (":", "|"), ("\0", "'")):
        other = other.replace(usual, chosen)
    other = other.replace("UNA|*.? ~", "UNA|*.? ~")
    assert read(other.encode("latin-1"), EDIFACT, NO_CODES, {}) == read(PLAIN, EDIFACT, NO_CODES, {})


def test_a_space_for_the_release_character_means_that_there_is_none():
    body = DESADV.replace("?'", "")
    spaced = edifact(body, una="UNA:+.  '")
    assert read(spaced, EDIFACT, NO_CODES, {}) == read(edifact(body), EDIFACT, NO_CODES, {})


def test_a_text_that_speaks_of_una_begins_no_interchange_anew():
    said = DESADV.replace("Active, dry'", "?'UNA:+.? '")
    assert read(edifact(said, una=""), EDIFACT, NO_CODES, {}) == read(PLAIN, EDIFACT, NO_CODES, {})
    assert "(UNA)" in refused(edifact(DESADV.replace("Active, dry'", "'UNA:+.? '"))).place


def test_the_charset_is_the_one_that_the_header_names():
    name = PLAIN.replace(b"Road AG", "Straße AG".encode("latin-1"))
    assert read(name, EDIFACT, NO_CODES, {})[0].event["data"]["carrier"] == "Straße AG"
    utf_8 = PLAIN.replace(b"UNOC", b"UNOY").replace(b"Road AG", "Straße AG".encode())
    assert read(utf_8, EDIFACT, NO_CODES, {})[0].event["data"]["carrier"] == "Straße AG"
    assert refused(name.replace(b"UNOC", b"UNOA")).reason is Reason.BAD_ENCODING
    assert refused(name.replace(b"UNOC", b"UNOX")).place == "segment 1 (UNB), element 1"


def test_several_messages_in_an_interchange_are_all_read_each_by_its_own_reference():
    second = DESADV.replace("S-1", "S-2")
    found = read(interchange([("DESADV:D:96A:UN", DESADV), ("DESADV:D:96A:UN", second)]), EDIFACT, NO_CODES, {})
    assert [one.event["data"]["shipment_id"] for one in found] == ["S-1", "S-1", "S-2", "S-2"]
    assert len({one.event["id"] for one in found}) == 4


def test_an_interchange_marked_as_a_test_is_not_taken():
    refusal = refused(edifact(DESADV, header="++++++1"))
    assert (refusal.reason, refusal.place) == (Reason.NO_EVENT, "segment 1 (UNB), element 11")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"UNT+28+M1", b"UNT+27+M1", "(UNT), element 1"),
        (b"UNZ+1+42", b"UNZ+2+42", "(UNZ), element 1"),
        (b"UNZ+1+42", b"UNZ+1+43", "(UNZ), element 2"),
        (b"UNT+28+M1", b"UNT+28+M2", "(UNT), element 2"),
        (b"DTM+137:202601050930:203", b"DTM+137:202613050930:203", "segment 4 (DTM), element 1"),
        (b"DTM+137:202601050930:203", b"DTM+137:2026W1:616", "segment 4 (DTM), element 1"),
        (b"QTY+12:40:KGM", b"QTY+12:forty:KGM", "(QTY), element 1"),
        (b"QTY+12:40:KGM", b"QTY+12:40", "(QTY), element 1"),
        (b"BGM+351:::DESADV+S-1+9", b"BGM+351:::DESADV+S-1+4", "segment 3 (BGM), element 3"),
        (b"DESADV:D:01B", b"INVOIC:D:01B", "segment 2 (UNH), element 2"),
        (b"GIN+BX+L-1'", b"GIN+BX+L-1:L-5'", "(GIN), element 2"),
        (b"PCI+36E'DTM+361:20280131:102'QTY+12:40:KGM'", b"X+Y'X+Y'X+Y'", "segment"),
        (b"UNZ+1+42'\n", b"", "(UNT)"),
        (b"UNZ+1+42'\n", b"UNZ+1+42", "segment 30"),
    ],
)
def test_a_fault_is_told_with_its_segment_and_element(old, new, place):
    assert old in PLAIN
    assert place in refused(PLAIN.replace(old, new)).place


def test_lots_that_share_one_amount_are_refused_since_nobody_knows_how_much_of_which():
    body = DESADV.replace("'GIN+BX+L-1'", "'GIN+BX+L-1+L-3'")
    assert "how much of which lot" in refused(edifact(body)).message


def test_a_line_of_one_lot_has_the_amount_of_the_line():
    body = DESADV[: DESADV.index("PCI+36E")] + "GIR+3+L-9:BX'DTM+36:20280131:102'"
    (line,) = lines(body)
    assert (line["qty"], line["lot"], line["expiry"]) == (60, "L-9", "2028-01-31")


def test_an_amount_without_a_unit_is_in_the_one_that_the_profile_names():
    body = DESADV.replace("12:40:KGM", "12:40")
    assert lines(body, EdifactFeed(source="/a", uom="C62"))[0]["uom"] == "C62"


@pytest.mark.parametrize("written", ["202601070800?+0200:205", "202601070600UTC:303", "20260107060000:204"])
def test_times_with_a_zone_of_their_own_are_of_that_zone(written):
    feed = EdifactFeed(source="/a", zone="UTC")
    body = DESADV.replace("DTM+17:202601071400:203", f"DTM+17:{written}")
    (booked, _) = read(edifact(body), feed, NO_CODES, {})
    assert booked.event["data"]["planned_arrival"] == "2026-01-07T06:00:00Z"


def test_what_shall_leave_only_tomorrow_has_not_left():
    (booked,) = read(edifact(DESADV.replace("DTM+11:20260105", "DTM+11:20260106")), EDIFACT, NO_CODES, {})
    assert booked.event["data"]["planned_departure"] == "2026-01-05T23:00:00Z"


@given(st.lists(st.text(st.sampled_from("AB +:'?\n"), min_size=1, max_size=8), min_size=1, max_size=6))
def test_every_text_comes_back_as_it_was_released(texts):
    def released(text: str) -> str:
        return "".join(f"?{one}" if one in "+:'?" else one for one in text)

    texts = [text.replace("\n", "") + "." for text in texts]
    body = f"FTX+{'+'.join(map(released, texts))}'"
    value = edifact(f"BGM+351+S-1+9'{body}".replace("\n", ""))
    count = len(texts) and 4
    value = value.split(b"UNT+")[0] + f"UNT+{count}+M1'UNZ+1+42'".encode()
    (message,) = messages(value)
    assert [one[0].strip() for one in message.segments[2].elements] == [text.strip() for text in texts]
