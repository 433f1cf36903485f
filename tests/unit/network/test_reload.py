"""The network in force follows its file and never takes a wrong one."""

import asyncio
import logging
from pathlib import Path

import pytest

from risk_rules.documents import DocumentError
from streams.network.model import Network
from streams.network.reload import NetworkSource

ONE = "partners:\n  acme:\n    name: Acme\n    sites:\n      BSL: {name: Basel}\n"
TWO = ONE + "      VIS: {name: Visp}\n"


def test_a_better_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ONE)
    taken: list[Network] = []
    source = NetworkSource(path, taken.append)
    path.write_text(TWO)
    assert source.reload()
    assert set(source.current.sites) == {"BSL", "VIS"}
    assert taken == [source.current]
    assert not source.reload()


def test_a_wrong_file_is_refused_and_the_old_network_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ONE)
    source = NetworkSource(path)
    before = source.current
    path.write_text(TWO.replace("Visp}", "Visp, zone: Mars}"))
    with caplog.at_level(logging.ERROR):
        assert not source.reload()
    assert source.current is before
    assert "unknown time zone Mars" in caplog.text
    assert len(source.problems) == 1


def test_a_wrong_file_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        NetworkSource(tmp_path / "none.yaml")


def test_a_file_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ONE)

    async def live() -> Network:
        noticed = asyncio.Event()
        source = NetworkSource(path, lambda _: noticed.set())
        following = asyncio.create_task(source.follow())
        fresh = tmp_path / "network.new"
        while not noticed.is_set():  # the watch may not have begun when the file is first replaced
            fresh.write_text(TWO + f"# {asyncio.get_running_loop().time()}\n")
            fresh.replace(path)
            await asyncio.wait([asyncio.ensure_future(noticed.wait())], timeout=0.5)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        return source.current

    assert "VIS" in asyncio.run(asyncio.wait_for(live(), 30)).sites


def test_what_happens_beside_the_file_is_no_reason_to_read_it_again(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ONE)
    source = NetworkSource(path)
    (tmp_path / "bellwether.db-wal").write_text("a commit")
    path.write_text(ONE)
    assert source.says_the_same()
    path.write_text(TWO)
    assert not source.says_the_same()
    source.reload()
    assert source.says_the_same()
