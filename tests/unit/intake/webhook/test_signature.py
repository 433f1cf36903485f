"""Standard Webhooks 1.0.0: signatures, rotation of keys, tolerance of clocks.

Vectors are those of the tests of the reference implementations (standard-webhooks/standard-webhooks: libraries/go,
libraries/javascript, and libraries/go/webhook_asymmetric_test.go for Ed25519).
"""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from streams.intake.webhook.signature import Keyring, Keys, Signed, UnusableKey, keys, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
WRONG = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
PRIVATE = Ed25519PrivateKey.from_private_bytes(base64.b64decode("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="))
PUBLIC = (
    "whpk_" + base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
)  # fmt: skip
ASYMMETRIC = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
OLD_SECRET, NEW_SECRET = b"o" * 24, b"n" * 24


def is_taken(
    signatures: str = SIGNATURE,
    *,
    known: Keys | None = None,
    message_id: str = ID,
    timestamp: str = "1614265330",
    body: bytes = BODY,
    now: datetime = AT,
    partner: str = "acme",
) -> bool:
    ring = Keyring({"acme": keys([SECRET]) if known is None else known, "other": Keys((b"x" * 24, b"y" * 24))})
    return ring.is_of(partner, Signed(message_id, timestamp, signatures), body, now)


def test_the_standards_vector_is_signed_and_taken() -> None:
    (secret,) = keys([SECRET]).secrets
    assert sign(secret, ID, AT, BODY) == SIGNATURE
    assert is_taken()


def test_the_standards_ed25519_vector_is_taken() -> None:
    assert is_taken(ASYMMETRIC, known=keys([PUBLIC]))
    assert is_taken(f"{WRONG} {ASYMMETRIC}", known=keys([SECRET, PUBLIC]))
    assert not is_taken(ASYMMETRIC, known=keys([PUBLIC]), body=BODY + b" ")
    assert not is_taken(ASYMMETRIC.replace("v1a,", "v1,"), known=keys([PUBLIC]))


@pytest.mark.parametrize(
    "signatures",
    ["", "v1,", "v1", SIGNATURE[:8], WRONG, "v1,dawfeoifkpqwoekfpqoekf", SIGNATURE.replace("v1,", "v2,"), "v1a,", "\udcff",
     SIGNATURE.removeprefix("v1,")],
)  # fmt: skip
def test_missing_partial_and_wrong_signatures_are_refused(signatures: str) -> None:
    assert not is_taken(signatures)
    assert not is_taken(signatures, known=keys([PUBLIC]))


@pytest.mark.parametrize("message_id", ["", "with.point", "x" * 256, "tab\t", "\u00fc"])
def test_a_message_without_a_usable_id_is_refused_however_it_is_signed(message_id: str) -> None:
    assert not is_taken(sign(*keys([SECRET]).secrets, message_id, AT, BODY), message_id=message_id)


@pytest.mark.parametrize("timestamp", ["", "hello", "1614265330.0", "-1614265330", " 1614265330", "9" * 13, "\u0661"])
def test_a_timestamp_that_is_no_whole_number_of_seconds_is_refused(timestamp: str) -> None:
    assert not is_taken(timestamp=timestamp)


def test_one_good_signature_among_others_is_enough() -> None:
    assert is_taken(f"{WRONG} {WRONG.replace('v1', 'v2')} {SIGNATURE} {WRONG}")


def test_only_the_first_signatures_are_looked_at_so_that_a_request_costs_little() -> None:
    assert not is_taken(" ".join([WRONG] * 100 + [SIGNATURE]))


def test_keys_are_changed_without_a_gap_on_either_side() -> None:
    def taken(signing: list[bytes], known: tuple[bytes, ...]) -> bool:
        return is_taken(" ".join(sign(secret, ID, AT, BODY) for secret in signing), known=Keys(known))

    assert taken([OLD_SECRET], (NEW_SECRET, OLD_SECRET))  # the receiver knows both before the sender changes
    assert taken([NEW_SECRET, OLD_SECRET], (OLD_SECRET,))  # or the sender signs with both before the receiver changes
    assert taken([NEW_SECRET, OLD_SECRET], (NEW_SECRET,))
    assert not taken([OLD_SECRET], (NEW_SECRET,))


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-301, False), (-300, True), (0, True), (299.9, True), (300, True), (300.5, False)]
)
def test_the_clock_may_be_five_minutes_off_either_way(seconds: float, taken: bool) -> None:
    assert is_taken(now=AT + timedelta(seconds=seconds)) is taken


def test_a_signature_is_good_for_one_partner_only() -> None:
    assert not is_taken(partner="other")
    assert not is_taken(partner="nobody")
    assert not Keyring({}).is_of("acme", Signed(ID, "1614265330", SIGNATURE), BODY, AT)
    assert not Keyring({"acme": Keys()}).partners


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=20), st.text(max_size=120))
def test_nothing_unsigned_is_taken_and_nothing_fails(body: bytes, message_id: str, timestamp: str, text: str) -> None:
    assert not is_taken(text, message_id=message_id, timestamp=timestamp, body=body)
    assert not is_taken(f"v1a,{text}", message_id=message_id, timestamp=timestamp, body=body, known=keys([PUBLIC]))


@pytest.mark.parametrize(
    ("text", "why"),
    [("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with neither"), ("whsec_?", "is not base64"), ("", "begins with neither"),
     ("whsec_c2hvcnQ=", "24 to 64 bytes; this has 5"), ("whpk_c2hvcnQ=", "32 bytes; this has 5"),
     ("whsk_c2hvcnQ=", "begins with neither")],
)  # fmt: skip
def test_a_key_that_is_not_as_the_standard_asks_is_refused_without_showing_it(text: str, why: str) -> None:
    with pytest.raises(UnusableKey, match=why) as refused:
        keys([text])
    assert text[6:] == "" or text[6:] not in str(refused.value)
