"""A profile is checked before the first row comes; what is wrong is told with its line and column."""

from datetime import timedelta
from pathlib import Path

import pytest

from risk_rules.problems import DocumentError
from streams.intake.profile import load_all, network_of
from streams.network.load import load
from tests.unit.intake.stock_profile import PROFILE, lager, profile


@pytest.mark.parametrize(
    ("said", "instead", "place", "message"),
    [
        ("zone: Europe/Berlin", "zone: Berlin", "2:7", "no IANA time zone"),
        ("partner: acme", 'partner: ""', "1:10", "length >= 1"),
        ("partner: acme", "partner: acme\nexpected: {batch: soon}", "2:19", "no span of time"),
        ("partner: acme", "partner: acme\nexpected: {batches: 1d}", "2:12", "did you mean batch?"),
        ("partner: acme", "partner: acme\nlimits: {rejected_share: 7}", "2:26", "<= 1"),
        ("  lager:", "  la ger:", "5:5", "no name of a feed"),
        ("format: csv", "format: cvs", "5:13", "there is no format cvs (did you mean csv?)"),
        ("    format: csv\n", "", "5:5", "has no format (one of"),
        ('    files: "bestand*.csv"\n', "", "5:5", "no file would be taken"),
        ("transport: files", "transport: webhook", "7:12", "a webhook brings no files"),
        ("transport: files", "transport: pigeon", "6:16", "invalid enum value"),
        ('delimiter: ";"', 'delimiter: "||"', "10:16", "one ASCII character"),
        ('thousands: "."', 'thousands: ","', "12:16", "decimal sign"),
        ("source: /acme/lager", "source: a b", "8:13", "no URI reference"),
        ("encoding: cp1252", "encoding: utf-16", "9:15", "utf-16"),
        ("table: plants", "table: plant", "17:52", "there is no table plant (did you mean plants?)"),
        ("{column: Art}", "{type: text}", "24:13", "has no origin"),
        ("{column: Art}", "{column: Art, first: [lot]}", "24:13", "has column and first"),
        ("{column: Art}", "{shift: lot}", "24:13", "all must be days"),
        ("{column: Art}", "{earliest: [counted, expiry]}", "24:13", "all must be days"),
        ("{column: Art}", "{first: [chared]}", "24:22", "there is no field chared"),
        ("{column: Art}", "{column: Art, at: noon}", "24:31", "no time of day"),
        ("cdmo.raw_material.stock_reported", "cdmo.raw_material.stock_report", "27:15", "did you mean"),
        ("cdmo.raw_material.stock_reported", "bellwether.tick", "27:15", "there is no type"),
        ('id: "{plant}/{lot}', 'id: "{plnt}/{lot}', "28:13", "there is no field plnt (did you mean plant?)"),
        (
            'material_code: "{material}"\n          internal',
            'material_code: "{material"\n          internal',
            "31:26",
            "single {",
        ),
        ("blocked: known", "blockd: known", "39:24", "there is no field blockd"),
        ("blocked: known", "blocked: there", "39:25", "invalid enum value"),
        ("name: blocked", "name: stock", "37:15", "name of an event above"),
        ("files:", "file:", "7:5", "unknown field file (did you mean files?)"),
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


def test_the_version_of_a_feed_changes_with_what_reads_its_records_and_with_nothing_else() -> None:
    assert lager().version == lager(PROFILE + "# a comment\ncontacts: [feeds@acme.example]\n").version
    assert lager().version != lager(PROFILE.replace("Visp: VIS", "Visp: BSL")).version
    assert lager().version != lager(PROFILE.replace("Europe/Berlin", "Europe/Zurich")).version
    assert lager().version != lager(PROFILE.replace("times: 0.001", "times: 1")).version


def test_the_profiles_that_ship_are_good_and_their_sites_are_in_their_networks() -> None:
    for partner, shipped in load_all().items():
        path = network_of(partner)
        assert path is not None
        network = load(path)
        assert set(shipped.said.tables["countries"].values()) == set(network.sites)


def test_profiles_of_a_folder_join_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / "stock.yaml").write_text(PROFILE, encoding="utf-8")
    assert {"acme", "scms"} <= set(load_all([tmp_path]))


def test_a_partner_has_one_file_and_a_folder_may_replace_what_ships(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(PROFILE.replace("partner: acme", "partner: scms"), encoding="utf-8")
    assert set(load_all([tmp_path])["scms"].feeds) == {"lager"}
    (tmp_path / "second.yaml").write_text(PROFILE.replace("partner: acme", "partner: scms"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"scms has a profile already, in ours\.yaml"):
        load_all([tmp_path])


def test_what_a_profile_expects_of_its_feeds_has_defaults(tmp_path: Path) -> None:
    said = profile(PROFILE + "expected: {shipment: 24h, batch: 7d}\nlimits: {consecutive_rejects: 5}\n")
    assert said.expected == {"shipment": timedelta(hours=24), "batch": timedelta(days=7)}
    assert (said.limits.consecutive_rejects, said.limits.rejected_share, said.limits.among) == (5, 0.5, 1000)
    assert profile().expected == {}


def test_a_bad_profile_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "stock.yaml").write_text(PROFILE.replace("zone: Europe/Berlin", "zone: x"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"stock\.yaml:2:7"):
        load_all([tmp_path])
