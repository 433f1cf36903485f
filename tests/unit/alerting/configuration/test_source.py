"""The configuration in force follows its file and never takes a wrong one."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerting.addresses import AddressError
from alerting.configuration.configuration import Configuration
from alerting.configuration.source import ConfigurationSource, Result
from risk_rules.documents import DocumentError

ONE = "receivers:\n  a: {address: env:A}\nroute: {to: a}\n"
TWO = "receivers:\n  b: {address: env:B}\nroute: {to: b}\n"
AT = datetime(2026, 1, 5, tzinfo=UTC)


class Watched:
    """A source with all that it tells."""

    def __init__(self, path: Path, refused_addresses: str = "") -> None:
        self.told: list[Result] = []
        self.refused = refused_addresses
        self.noticed = asyncio.Event()
        self.source = ConfigurationSource(path, clock=lambda: AT, tally=self.tally, prepare=self.prepare)

    def tally(self, result: Result, at: datetime) -> None:
        assert at == AT
        self.told.append(result)

    def prepare(self, configuration: Configuration) -> None:
        if self.refused in configuration.receivers:
            raise AddressError(f"contact {self.refused}: the environment variable is not set")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "alerting.yaml"
    path.write_text(ONE)
    return path


def test_a_better_file_takes_the_place_of_the_old(path: Path) -> None:
    watched = Watched(path)
    assert watched.source.reload() is Result.UNCHANGED
    path.write_text(TWO)
    assert watched.source.reload() is Result.SWITCHED
    assert set(watched.source.current.receivers) == {"b"}
    assert watched.told == [Result.SWITCHED, Result.UNCHANGED, Result.SWITCHED]


def test_a_wrong_file_is_refused_and_the_old_one_stays(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watched = Watched(path)
    before = watched.source.current
    path.write_text(ONE.replace("to: a", "to: x"))
    assert watched.source.reload() is Result.REFUSED
    assert watched.source.current is before
    assert [problem.line for problem in watched.source.problems] == [3]
    assert "unknown name x" in capsys.readouterr().out
    path.write_text(ONE)
    assert watched.source.reload() is Result.UNCHANGED
    assert not watched.source.problems


def test_a_file_whose_addresses_cannot_be_used_is_refused_too(path: Path) -> None:
    watched = Watched(path, refused_addresses="b")
    before = watched.source.current
    path.write_text(TWO)
    assert watched.source.reload() is Result.REFUSED
    assert watched.source.current is before
    assert "environment variable is not set" in str(watched.source.problems[0])
    with pytest.raises(AddressError):
        Watched(path, refused_addresses="b")


def test_a_wrong_file_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        Watched(tmp_path / "none.yaml")


def test_another_address_that_is_written_out_is_a_change(path: Path) -> None:
    path.write_text(ONE.replace("env:A", "json://localhost/one"))
    watched = Watched(path)
    version = watched.source.current.version
    path.write_text(ONE.replace("env:A", "json://localhost/two"))
    assert watched.source.reload() is Result.SWITCHED
    assert watched.source.current.version == version, "its hash does not give the address away"


def test_gaps_of_rotas_are_told_with_their_dates(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(
        ONE + 'rotas: {duty: {shifts: [{people: [a], hours: "00:00-23:00", days: [mon]}, {people: [a]}]}}\n'
    )
    Watched(path)
    assert "nobody is on duty" not in capsys.readouterr().out
    path.write_text(ONE + "rotas: {duty: {shifts: [{people: [a], last_day: 2026-01-06}]}}\n")
    Watched(path)
    assert "from Wed 2026-01-07 00:00 UTC to Sun 2026-04-05 00:00 UTC" in capsys.readouterr().out


def follow(source: ConfigurationSource, change: "object", until: str) -> None:
    async def live() -> None:
        following = asyncio.create_task(source.follow())
        while until not in source.current.receivers:  # the watch may not have begun at the first change
            change()  # type: ignore[operator]
            await asyncio.sleep(0.5)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    asyncio.run(asyncio.wait_for(live(), 60))


def test_a_file_that_is_replaced_is_noticed(path: Path) -> None:
    def replace() -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(TWO)
        fresh.replace(path)

    follow(Watched(path).source, replace, "b")


def test_a_config_map_that_is_swapped_under_its_link_is_noticed(tmp_path: Path) -> None:
    """Kubernetes links the file to ..data/alerting.yaml, and ..data to a folder that it swaps."""
    for name, text in (("..one", ONE), ("..two", TWO)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "alerting.yaml").write_text(text)
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "alerting.yaml").symlink_to("..data/alerting.yaml")

    def swap() -> None:
        (tmp_path / "..tmp").unlink(missing_ok=True)
        (tmp_path / "..tmp").symlink_to("..two")
        os.replace(tmp_path / "..tmp", tmp_path / "..data")

    follow(Watched(tmp_path / "alerting.yaml").source, swap, "b")
