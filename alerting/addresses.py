"""Where the address of a contact is found. Addresses hold secrets: no error and no log shows one."""

from collections.abc import Mapping
from pathlib import Path


class AddressError(ValueError):
    """The address of a contact cannot be used; says which and why, and never the address."""


def resolve(contact: str, address: str, environment: Mapping[str, str]) -> str:
    """The Apprise URL behind `env:NAME`, `file:PATH` or the URL itself. Raises `AddressError` when there is none."""
    kind, _, place = address.partition(":")
    if kind == "env":
        found = environment.get(place, "")
        missing = f"the environment variable {place} is not set"
    elif kind == "file":
        try:
            found = Path(place).read_text(encoding="utf-8")
        except OSError as error:
            raise AddressError(f"contact {contact}: {place} cannot be read ({error.strerror})") from None
        missing = f"the file {place} is empty"
    else:
        found, missing = address, "its address is empty"
    if not found.strip():
        raise AddressError(f"contact {contact}: {missing}")
    return found.strip()
