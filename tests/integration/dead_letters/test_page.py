"""The commands of docs/dead-letters.md, run as they stand there on four letters."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.dead_letters.office import BAD, Office
from tests.servers import EmbeddedBroker

PAGE = (Path(__file__).parents[3] / "docs" / "dead-letters.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    bellwether (.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def office(embedded: EmbeddedBroker, sqlite_url: str) -> Iterator[Office]:
    with_letters = Office(embedded, sqlite_url)
    with_letters.refuse(timestamp=int(datetime.now(UTC).timestamp() * 1000))
    yield with_letters
    with_letters.engine.dispose()


def test_the_commands_of_the_page_do_what_it_says(office: Office) -> None:
    assert len(COMMANDS) == 10
    told = {line: office.bellwether(*shlex.split(line)) for line in COMMANDS}
    assert told["dlq show acme 0 --raw"] == BAD[0][0]
    assert b"unknown_site" in told["dlq list acme --by reason"]
    assert len(office.lying_in("cdmo.acme.inbound")) == 2, "those of the unknown site"
    assert [one["offset"] for one in office.json("dlq", "list", "acme")["letters"]] == [2]
