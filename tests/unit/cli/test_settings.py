"""Settings come from four places in one order, and an error names the place."""

from pathlib import Path

import pytest

from streams.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA", "DATABASE", "CONFIG", "SECRETS", "NETWORK"):
        monkeypatch.delenv(f"BELLWETHER_{name}", raising=False)
    return tmp_path


def test_an_option_beats_the_environment_that_a_secret_file_and_that_the_settings_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "bellwether.yaml").write_text("instance: file\npartitions: 1\nhttp_port: 1\nbatch_records: 1\n")
    (empty_folder / "secrets").mkdir()
    for name, value in (("partitions", "2"), ("http_port", "2"), ("batch_records", "2")):
        (empty_folder / "secrets" / f"bellwether_{name}").write_text(f"{value}\n")
    monkeypatch.setenv("BELLWETHER_SECRETS", "secrets")
    monkeypatch.setenv("BELLWETHER_HTTP_PORT", "3")
    monkeypatch.setenv("BELLWETHER_BATCH_RECORDS", "3")
    told = load(batch_records=4, http_port=None)
    assert (told.instance, told.partitions, told.http_port, told.batch_records) == ("file", 2, 3, 4)


def test_every_problem_is_told_at_once_with_its_place(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / "bellwether.yaml").write_text("# mine\ndatbase: sqlite:///x\npartitions: many\n")
    monkeypatch.setenv("BELLWETHER_KAFKA", "kafka")
    monkeypatch.setenv("BELLWETHER_NETWROK", "network.yaml")
    with pytest.raises(SettingsError) as caught:
        load()
    problems = "\n".join(caught.value.problems)
    assert (
        "BELLWETHER_NETWROK in the environment: there is no such setting; did you mean BELLWETHER_NETWORK?" in problems
    )
    assert "bellwether.yaml, line 2: datbase: there is no such setting; did you mean `database`?" in problems
    assert "bellwether.yaml, line 3: partitions:" in problems
    assert "BELLWETHER_KAFKA in the environment: kafka: 'kafka' is not host:port" in problems


def test_a_path_in_a_settings_file_is_seen_from_the_files_folder(empty_folder: Path) -> None:
    (empty_folder / "etc").mkdir()
    (empty_folder / "etc" / "mine.yaml").write_text("network: network.yaml\nrulebooks: [a.yaml, /b.yaml]\n")
    told = load(empty_folder / "etc" / "mine.yaml")
    assert told.network == empty_folder / "etc" / "network.yaml"
    assert told.rulebooks == (empty_folder / "etc" / "a.yaml", Path("/b.yaml"))


def test_a_password_is_put_into_the_address_and_never_shown(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "bellwether_database_password").write_text("s3cr3t\n")
    monkeypatch.setenv("BELLWETHER_SECRETS", ".")
    told = load(database="postgresql://bellwether@db/b")
    assert told.database_url == "postgresql://bellwether:s3cr3t@db/b"
    assert "s3cr3t" not in repr(told) + told.database_shown


@pytest.mark.parametrize("database", ["mysql://h/x", "nothing", "oracle://x"])
def test_a_database_that_is_not_supported_is_refused(database: str) -> None:
    with pytest.raises(SettingsError, match="use sqlite:///FILE or postgresql"):
        load(database=database)


def test_security_that_lacks_its_password_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs kafka_username and kafka_password"):
        load(kafka="k:9092", kafka_security="SASL_SSL")


def test_security_reaches_the_clients() -> None:
    told = load(kafka="k:9092", kafka_security="SASL_PLAINTEXT", kafka_username="u", kafka_password="p")
    assert told.kafka_client() == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p",
    }


def test_the_example_of_a_settings_file_is_right() -> None:
    example = Path(__file__).parents[3] / "deploy" / "examples" / "bellwether.yaml"
    assert load(example).replication_factor == 3


def test_settings_made_with_keywords_ask_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELLWETHER_PARTITIONS", "9")
    assert Settings().partitions == 4
