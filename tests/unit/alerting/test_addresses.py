"""Where the address of a contact is found, and what is said when it is not there."""

from pathlib import Path

import pytest

from alerting.addresses import AddressError, resolve


def test_an_address_is_found_in_the_environment_in_a_file_or_as_it_stands(tmp_path: Path) -> None:
    kept = tmp_path / "chat"
    kept.write_text("json://localhost/kept\n", encoding="utf-8")
    environment = {"CHAT": "json://localhost/env"}
    assert resolve("a", "env:CHAT", environment) == "json://localhost/env"
    assert resolve("a", f"file:{kept}", environment) == "json://localhost/kept"
    assert resolve("a", "json://localhost/literal", environment) == "json://localhost/literal"


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("env:CHAT", "contact a: the environment variable CHAT is not set"),
        ("file:/nowhere/chat", "contact a: /nowhere/chat cannot be read (No such file or directory)"),
    ],
)
def test_an_address_that_is_not_there_is_named(address: str, fault: str) -> None:
    with pytest.raises(AddressError) as caught:
        resolve("a", address, {})
    assert str(caught.value) == fault
