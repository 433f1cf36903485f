"""Profiles follow their files while the service runs; a wrong file changes nothing."""

import asyncio
from pathlib import Path

import pytest

from risk_rules.problems import DocumentError
from streams.intake.profile_source import ProfileSource, Result
from tests.unit.intake.order_map import MAP, text
from tests.unit.intake.stock_profile import PROFILE

ACME = PROFILE
RIVAL = text(MAP).replace("partner: acme", "partner: rival")


class Folder:
    """A folder of profiles, and what was told of each look at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[Result] = []
        self.write("acme.yaml", ACME)
        self.write("rival.yaml", RIVAL)
        self.source = ProfileSource([path], self.told.append)

    def write(self, name: str, content: str) -> None:
        (self.path / name).write_text(content, encoding="utf-8")

    def versions(self) -> dict[str, str]:
        current = self.source.current
        return {
            partner: next(iter(one.feeds.values())).version for partner, one in current.items() if partner != "scms"
        }


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_changed_profile_takes_the_old_ones_place_and_others_stay(folder: Folder) -> None:
    before = folder.versions()
    folder.write("acme.yaml", ACME.replace("Visp: VIS", "Visp: BSL"))
    assert folder.source.reload() is Result.SWITCHED
    after = folder.versions()
    assert after["acme"] != before["acme"]
    assert after["rival"] == before["rival"]


def test_a_wrong_profile_changes_nothing_and_holds_up_no_other_partners(folder: Folder) -> None:
    before = folder.versions()
    folder.write("acme.yaml", ACME.replace("Europe/Berlin", "Berlin"))
    folder.write("rival.yaml", RIVAL.replace("KGM", "GRM"))
    assert folder.source.reload() is Result.REFUSED
    after = folder.versions()
    assert after["acme"] == before["acme"]
    assert after["rival"] != before["rival"]
    (problem,) = folder.source.problems
    assert (problem.line, problem.column) == (2, 7)
    folder.write("acme.yaml", ACME)
    assert folder.source.reload() is Result.UNCHANGED
    assert folder.source.problems == ()


def test_a_file_that_goes_takes_its_profile_along_and_a_new_one_brings_its_own(folder: Folder) -> None:
    (folder.path / "acme.yaml").unlink()
    folder.write("third.yaml", RIVAL.replace("partner: rival", "partner: third"))
    assert folder.source.reload() is Result.SWITCHED
    assert set(folder.versions()) == {"rival", "third"}


def test_a_second_file_of_a_partner_is_refused_and_the_first_stays(folder: Folder) -> None:
    before = folder.versions()
    folder.write("zzz.yaml", RIVAL.replace("KGM", "GRM"))
    assert folder.source.reload() is Result.REFUSED
    assert folder.versions() == before


def test_a_wrong_profile_at_the_start_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text("partner: acme\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="has no feed"):
        ProfileSource([tmp_path], print)


def test_a_change_is_noticed_without_being_told_of(folder: Folder) -> None:
    async def main() -> None:
        before = folder.versions()
        following = asyncio.create_task(folder.source.follow())
        while folder.versions() == before:
            folder.write("acme.yaml", ACME.replace("Visp: VIS", "Visp: BSL"))
            await asyncio.sleep(0.5)
        following.cancel()

    asyncio.run(main())
    assert folder.told == [Result.SWITCHED, Result.SWITCHED]
