"""The keys of partners, from where their profiles say that they lie: never in the profile itself."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Final

import structlog

from streams.intake.profile import Profile
from streams.intake.webhook.signature import Keyring, Keys, UnusableKey, keys

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS: Final = 30.0
"""Keys in files are changed by whoever runs the machine; a restart for that would be a gap."""


class KeysError(ValueError):
    """Keys of partners cannot be had. One line a problem: whose, where it should lie, what is wrong; never a key."""


def key_text(reference: str, environment: Mapping[str, str]) -> str:
    """What `env:NAME` or `file:PATH` leads to. Raises `KeysError`."""
    kind, _, place = reference.partition(":")
    if kind == "env":
        found, missing = environment.get(place, ""), f"the environment variable {place} is not set"
    elif kind == "file":
        try:
            found, missing = Path(place).read_text(encoding="utf-8"), f"the file {place} is empty"
        except (OSError, UnicodeDecodeError) as error:
            raise KeysError(f"{place} cannot be read ({type(error).__name__})") from None
    else:
        raise KeysError("a key is named by env:NAME or file:PATH, and does not stand in the profile")
    if not found.strip():
        raise KeysError(missing)
    return found.strip()


def keyring_of(references: Mapping[str, tuple[str, ...]], environment: Mapping[str, str]) -> Keyring:
    """The keys of all partners. Raises `KeysError` with every problem at once."""
    problems: list[str] = []
    found: dict[str, Keys] = {}
    for partner, places in references.items():
        texts: list[str] = []
        for place in places:
            try:
                texts.append(key_text(place, environment))
                keys(texts[-1:])
            except (KeysError, UnusableKey) as error:
                shown = place if place.startswith(("env:", "file:")) else "a secret"
                problems.append(f"webhook of {partner}: {shown}: {error}")
        if not problems:
            found[partner] = keys(texts)
    if problems:
        raise KeysError("\n".join(problems))
    return Keyring(found)


class KeyringSource:
    """The keys in force. Read again now and then; keys that cannot be had leave those of before in force."""

    def __init__(
        self,
        references: Callable[[], Mapping[str, tuple[str, ...]]],
        environment: Mapping[str, str],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._references = references
        self._environment = environment
        self._clock = clock
        self._keyring = keyring_of(references(), environment)
        self._at = clock()

    @property
    def current(self) -> Keyring:
        """Raises nothing: what is wrong goes to the log."""
        if (now := self._clock()) - self._at >= LOOK_AGAIN_SECONDS:
            self._at = now
            try:
                self._keyring = keyring_of(self._references(), self._environment)
            except KeysError as error:
                log.error("the keys of webhooks stay as they were", problems=str(error).splitlines())
        return self._keyring


def references_of(profiles: Mapping[str, Profile], partners: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Where the keys of the partners of the network lie."""
    return {
        partner: profile.said.webhook.secrets
        for partner, profile in profiles.items()
        if partner in partners and profile.said.webhook.secrets
    }
