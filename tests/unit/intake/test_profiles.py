"""A profile is checked before the first row comes; what is wrong is told with its line and column."""

from pathlib import Path

import pytest

from risk_rules.problems import DocumentError
from streams.events import EVENT_TYPES
from streams.intake.profile import load_all, network_of
from streams.network.load import load
from tests.unit.intake.stock_profile import PROFILE, profile


@pytest.mark.parametrize(
    ("said", "instead", "place", "message"),
    [
        ("zone: Europe/Berlin", "zone: Berlin", "9:7", "no IANA time zone"),
        ('delimiter: ";"', 'delimiter: "||"', "6:12", "one ASCII character"),
        ('thousands: "."', 'thousands: ","', "8:12", "decimal sign"),
        ("source: /acme/lager", "source: a b", "4:9", "no URI reference"),
        ("encoding: cp1252", "encoding: utf-16", "5:11", "utf-16"),
        ("table: plants", "table: plant", "14:48", "there is no table plant (did you mean plants?)"),
        ("{column: Art}", "{type: text}", "21:9", "has no origin"),
        ("{column: Art}", "{column: Art, first: [lot]}", "21:9", "has column and first"),
        ("{column: Art}", "{shift: lot}", "21:9", "all must be days"),
        ("{column: Art}", "{earliest: [counted, expiry]}", "21:9", "all must be days"),
        ("{column: Art}", "{first: [chared]}", "21:18", "there is no field chared"),
        ("{column: Art}", "{column: Art, at: noon}", "21:27", "no time of day"),
        ("cdmo.raw_material.stock_reported", "cdmo.raw_material.stock_report", "24:11", "did you mean"),
        ("cdmo.raw_material.stock_reported", "bellwether.tick", "24:11", "there is no type"),
        ('id: "{plant}/{lot}', 'id: "{plnt}/{lot}', "25:9", "there is no field plnt (did you mean plant?)"),
        (
            'material_code: "{material}"\n      internal',
            'material_code: "{material"\n      internal',
            "28:22",
            "single {",
        ),
        ("blocked: known", "blockd: known", "36:20", "there is no field blockd"),
        ("blocked: known", "blocked: there", "36:21", "invalid enum value"),
        ("name: blocked", "name: stock", "34:11", "name of an event above"),
        ("files:", "file:", "3:1", "unknown field file (did you mean files?)"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(said: str, instead: str, place: str, message: str) -> None:
    assert said in PROFILE
    with pytest.raises(DocumentError) as wrong:
        profile(PROFILE.replace(said, instead, 1))
    told = str(wrong.value)
    assert message.lower() in told.lower()
    assert f"acme.yaml:{place}" in told


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DocumentError) as wrong:
        profile(PROFILE.replace("Europe/Berlin", "Berlin").replace("/acme/lager", "a b"))
    assert len(wrong.value.problems) == 2


def test_the_version_of_a_profile_changes_with_its_text() -> None:
    assert profile().version == profile().version
    assert profile().version != profile(PROFILE + "# mended\n").version


def test_the_profiles_that_ship_are_good_and_their_sites_are_in_their_networks() -> None:
    for name, shipped in load_all().items():
        path = network_of(name)
        assert path is not None
        network = load(path)
        assert set(shipped.said.tables["countries"].values()) == set(network.sites)
        assert all(event.rule.type in EVENT_TYPES for event in shipped.events)


def test_profiles_of_a_folder_join_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / "stock.yaml").write_text(PROFILE, encoding="utf-8")
    assert {"acme-stock", "scms"} <= set(load_all([tmp_path]))


def test_a_bad_profile_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "stock.yaml").write_text(PROFILE.replace("zone: Europe/Berlin", "zone: x"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"stock\.yaml:9:7"):
        load_all([tmp_path])
