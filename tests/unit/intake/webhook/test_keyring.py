"""Keys lie in the environment or in files, and no error shows one."""

from pathlib import Path

import pytest

from streams.intake.webhook.keyring import LOOK_AGAIN_SECONDS, KeyringSource, KeysError, keyring_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_keys_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    ring = keyring_of({"acme": ("env:ACME_HOOK", f"file:{tmp_path}/key")}, {"ACME_HOOK": SECRET})
    assert ring.partners == {"acme"}


def test_every_key_that_cannot_be_had_is_named_and_none_is_shown(tmp_path: Path) -> None:
    references = {
        "acme": ("env:MISSING", f"file:{tmp_path}/none"), "other": ("env:BAD", SECRET), "good": ("env:GOOD",),
    }  # fmt: skip
    with pytest.raises(KeysError) as refused:
        keyring_of(references, {"BAD": "bad-secret", "GOOD": SECRET})
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    assert "webhook of acme: env:MISSING: the environment variable MISSING is not set" in lines
    assert "bad-secret" not in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_key_changed_in_its_file_comes_into_force_by_itself_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    file, now = tmp_path / "key", 0.0
    file.write_text(SECRET)
    source = KeyringSource(lambda: {"acme": (f"file:{file}",)}, {}, lambda: now)
    first = source.current
    now += LOOK_AGAIN_SECONDS
    second = source.current
    assert second is not first
    file.write_text("broken")
    now += LOOK_AGAIN_SECONDS
    assert source.current is second
