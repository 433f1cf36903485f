"""Passwords of Kafka's users: where each one lies. They are made once, written for their owner alone, and never shown."""

import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from streams.settings import SettingsError

RANDOM_BYTES: Final = 32
LEAST: Final = 16
"""Characters of a password that somebody else made."""


class PasswordError(SettingsError):
    """A password cannot be had or written; the message says which and why, and shows none."""

    def __init__(self, message: str) -> None:
        super().__init__([message])


class Passwords:
    """Passwords in a folder, a file each, named like the user; `said` names others as `env:NAME` or `file:PATH`."""

    def __init__(self, folder: Path, said: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._said = dict(said or {})

    def of(self, user: str) -> str:
        """The password of a user; made and written where there is none yet. Raises `PasswordError`."""
        if (where := self._said.get(user)) is not None:
            return _checked(user, _referred(user, where))
        if (own := self.folder / user).exists():
            return _checked(user, _own(user, own))
        password = secrets.token_urlsafe(RANDOM_BYTES)
        self._write(own, password)
        return password

    def renewed(self, user: str) -> str:
        """Another password than before, in a file beside the old one until `settle`. One that waits there is taken up."""
        if user in self._said:
            return self.of(user)
        waiting = self._waiting(user)
        if not waiting.exists():
            self._write(waiting, secrets.token_urlsafe(RANDOM_BYTES))
        return _checked(user, _own(user, waiting))

    def settle(self, users: Iterable[str]) -> None:
        """The broker has their new passwords: the files of the old ones are replaced."""
        for user in users:
            if (waiting := self._waiting(user)).exists():
                waiting.replace(self.folder / user)

    def _waiting(self, user: str) -> Path:
        return self.folder / f"{user}.new"

    def _write(self, path: Path, password: str) -> None:
        """For the owner alone from the first byte on, and on disk before the broker hears of it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(password + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise PasswordError(f"{path}: the password cannot be written: {error.strerror}") from None


def references(said: Iterable[str]) -> dict[str, str]:
    """`USER=env:NAME` and `USER=file:PATH` by user. Raises `PasswordError`, and does not show what may be a password."""
    found: dict[str, str] = {}
    for one in said:
        user, _, where = one.partition("=")
        if not user or not where.startswith(("env:", "file:")):
            raise PasswordError(f"{user}: say where its password is, as {user or 'USER'}=env:NAME or =file:PATH")
        found[user] = where
    return found


def _referred(user: str, where: str) -> str:
    kind, _, name = where.partition(":")
    if kind == "file":
        return _read(user, Path(name))
    if (value := os.environ.get(name)) is None:
        raise PasswordError(f"{user}: the variable {name} is not set")
    return value.strip()


def _own(user: str, path: Path) -> str:
    """A file that we made: if others can read it now, somebody has changed that."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PasswordError(f"{path}: others can read the password of {user}: run `chmod 600 {path}`")
    return _read(user, path)


def _read(user: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PasswordError(f"{path}: the password of {user} cannot be read: {why}") from None


def _checked(user: str, password: str) -> str:
    """Printable ASCII alone: clients differ in how they prepare other characters (RFC 4013)."""
    if len(password) < LEAST or not (password.isascii() and password.isprintable()) or " " in password:
        raise PasswordError(f"{user}: its password needs {LEAST} printable ASCII characters at least, without spaces")
    return password
