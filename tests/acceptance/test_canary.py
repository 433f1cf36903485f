"""What one partner tells us is read by nobody at another."""

import re
from pathlib import Path

import pytest

from streams.network.foreign import names_of_others
from tests.acceptance.canary import CANARY, lived_with_a_canary, receiver_of
from tests.acceptance.worlds import reference

LEAST_PLANTED = 100
HEXADECIMAL = re.compile(r"[0-9a-f]{32}\Z")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("partner", ["alpenbio"])
def test_a_canary_planted_in_a_partners_fields_is_read_by_us_and_by_no_other_partner(
    partner: str, tmp_path: Path
) -> None:
    network, _ = reference()
    seen = lived_with_a_canary(tmp_path, partner, weeks=12)
    assert seen.planted > LEAST_PLANTED
    assert any(CANARY in text for text in seen.messages["ours"]), "else it was planted where nobody looks"
    for other in sorted(set(network.partners) - {partner}):
        texts = [*seen.messages.get(receiver_of(other), ()), *seen.letters[other]]
        assert [text for text in texts if CANARY in text] == [], other
    told = {name: len(texts) for name, texts in seen.messages.items()}
    print(f"\n{seen.planted} fields planted; messages: {told}")
    assert sum(count for name, count in told.items() if name not in ("ours", receiver_of(partner))) > 0


@pytest.mark.timeout(900)
def test_no_message_to_a_partner_names_another_or_counts(tmp_path: Path) -> None:
    network, _ = reference()
    seen = lived_with_a_canary(tmp_path, "corvia", weeks=8)
    for partner in network.partners:
        others = [re.escape(name) for name in names_of_others(network, partner) if name in network.partners]
        others += [re.escape(one.name) for code, one in network.partners.items() if code != partner]
        named = re.compile(rf"(?<!\w)(?:{'|'.join(others)})(?!\w)")
        for text in seen.messages.get(receiver_of(partner), ()):
            *lines, message_id, thread = text.splitlines()
            assert not named.search("\n".join(lines)), text
            assert "/act/" not in text
            assert HEXADECIMAL.fullmatch(message_id)
            assert HEXADECIMAL.fullmatch(thread)
