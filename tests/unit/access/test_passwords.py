"""Passwords are made once, lie in files that only their owner can read, and stand in no error."""

import stat
from pathlib import Path

import pytest

from streams.passwords import PasswordError, Passwords, references


def test_a_password_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "users"
    password = Passwords(folder).of("cdmo.acme")
    assert Passwords(folder).of("cdmo.acme") == password
    assert len(password) >= 40
    assert stat.S_IMODE((folder / "cdmo.acme").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_password_replaces_the_old_one_only_when_the_broker_has_it(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path)
    old, new = passwords.of("cdmo.acme"), passwords.renewed("cdmo.acme")
    assert new != old
    assert passwords.of("cdmo.acme") == old
    assert Passwords(tmp_path).renewed("cdmo.acme") == new, "a run that was cut off goes on with the same one"
    passwords.settle(["cdmo.acme"])
    assert passwords.of("cdmo.acme") == new


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Passwords(tmp_path).of("cdmo.acme")
    (tmp_path / "cdmo.acme").chmod(0o640)
    with pytest.raises(PasswordError, match="chmod 600"):
        Passwords(tmp_path).of("cdmo.acme")


def test_passwords_come_from_variables_and_files_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_PASSWORD", "a-password-of-a-vault")
    (tmp_path / "mounted").write_text("a-password-of-a-mount\n")
    said = references(["cdmo.acme=env:ACME_PASSWORD", f"cdmo.borealis=file:{tmp_path / 'mounted'}"])
    passwords = Passwords(tmp_path / "users", said)
    assert passwords.of("cdmo.acme") == "a-password-of-a-vault"
    assert passwords.of("cdmo.borealis") == "a-password-of-a-mount"
    assert not (tmp_path / "users").exists()


@pytest.mark.parametrize("password", ["short", "has a space in its middle", "mit-Umlaut-ä-und-mehr", "x" * 15])
def test_a_password_that_clients_would_read_differently_or_guess_is_refused_and_not_shown(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_PASSWORD", password)
    with pytest.raises(PasswordError) as refused:
        Passwords(tmp_path, {"cdmo.acme": "env:ACME_PASSWORD"}).of("cdmo.acme")
    assert password not in str(refused.value)


def test_a_password_written_where_a_reference_belongs_is_not_shown() -> None:
    with pytest.raises(PasswordError) as refused:
        references(["cdmo.acme=the-password-itself"])
    assert "the-password-itself" not in str(refused.value)
