"""A link lets one reader act on one alert, for a time; nothing else does."""

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.links import (
    LINK_LIVES,
    LinkKeys,
    LinkRefusedError,
    Purpose,
    granted,
    link_token,
    page_token,
)

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
KEYS = LinkKeys.parse("k" * 32)
ALERT = "9f2c41d07be35a68c1e0d4b7a2935f60"


def test_a_link_is_for_its_alert_and_its_reader():
    grant = granted(KEYS, link_token(KEYS, ALERT, "mia", NOW), Purpose.LINK, NOW)
    assert (grant.alert_id, grant.receiver, grant.version) == (ALERT, "mia", None)


def test_a_link_ends():
    token = link_token(KEYS, ALERT, "mia", NOW)
    granted(KEYS, token, Purpose.LINK, NOW + LINK_LIVES - timedelta(seconds=1))
    with pytest.raises(LinkRefusedError, match="over"):
        granted(KEYS, token, Purpose.LINK, NOW + LINK_LIVES)


def test_a_link_is_no_page_and_a_page_is_no_link():
    link = link_token(KEYS, ALERT, "mia", NOW)
    page = page_token(KEYS, granted(KEYS, link, Purpose.LINK, NOW), 7, NOW)
    assert granted(KEYS, page, Purpose.PAGE, NOW).version == 7
    with pytest.raises(LinkRefusedError, match="something else"):
        granted(KEYS, link, Purpose.PAGE, NOW)
    with pytest.raises(LinkRefusedError, match="something else"):
        granted(KEYS, page, Purpose.LINK, NOW)


def test_links_of_a_key_that_was_changed_go_on_while_it_is_named():
    token = link_token(KEYS, ALERT, "mia", NOW)
    both = LinkKeys.parse(f"{'n' * 32}\n{'k' * 32}")
    assert granted(both, token, Purpose.LINK, NOW).alert_id == ALERT
    assert link_token(both, ALERT, "mia", NOW).split(".")[0] == next(iter(LinkKeys.parse("n" * 32).by_id))
    with pytest.raises(LinkRefusedError):
        granted(LinkKeys.parse("n" * 32), token, Purpose.LINK, NOW)


@given(st.integers(0, 400), st.characters(max_codepoint=0x2FF))
def test_a_token_with_another_character_anywhere_is_refused(place, character):
    token = link_token(KEYS, ALERT, "mia", NOW)
    place %= len(token)
    if token[place] == character:
        return
    with pytest.raises(LinkRefusedError):
        granted(KEYS, token[:place] + character + token[place + 1 :], Purpose.LINK, NOW)


@given(st.text())
def test_no_text_is_a_token(text):
    with pytest.raises(LinkRefusedError):
        granted(KEYS, text, Purpose.LINK, NOW)


def test_signatures_are_compared_in_constant_time(monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or real(a, b))
    token = link_token(KEYS, ALERT, "mia", NOW)
    granted(KEYS, token, Purpose.LINK, NOW)
    for wrong in (token[:-1] + "A", "0000" + token[4:]):
        with pytest.raises(LinkRefusedError):
            granted(KEYS, wrong, Purpose.LINK, NOW)
    assert len(compared) == 3  # each once, also where the key is unknown


@pytest.mark.parametrize("text", ["", "short", f"{'k' * 32},short"])
def test_a_short_key_is_refused_and_not_shown(text):
    with pytest.raises(ValueError, match="32 characters") as refused:
        LinkKeys.parse(text)
    assert "short" not in str(refused.value).replace("short key", "")
    assert "k" * 32 not in repr(KEYS)
