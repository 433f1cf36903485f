"""What this instance is told: by the command line, the environment (BELLWETHER_…), secret files and a YAML file.

The first that names a setting wins, in that order. Every setting has one flat name: `database` in the file is
`BELLWETHER_DATABASE` in the environment and the file `bellwether_database` in the folder BELLWETHER_SECRETS.
"""

import os
import ssl
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from alerting.links import LinkKeys

PREFIX = "BELLWETHER_"
EMBEDDED = "embedded"
EMBEDDED_AT = EMBEDDED + "@"
CONFIG_FILE = "bellwether.yaml"

Paths = Annotated[tuple[Path, ...], NoDecode]
"""Paths; in the environment separated by commas."""


class SettingsError(ValueError):
    """The settings are wrong. One line a problem: where it was said, what is wrong, what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Settings(BaseSettings):
    """All settings of an instance. `load` makes them; made with keywords, neither environment nor file is asked."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)

    instance: str = Field(default="bellwether", pattern=r"^[a-z][a-z0-9-]{0,40}$")
    """Its name: of the consumer groups, and in messages. Workers that share the work have the same."""
    kafka: str = EMBEDDED
    """Kafka's bootstrap servers, `host:port,host:port`; `embedded` starts a broker in memory, `embedded@host:port` joins
    one that another process has started."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    """PEM certificates of the authorities that Kafka's certificate is checked by (None: the system's)."""
    kafka_certificate_file: Path | None = None
    kafka_key_file: Path | None = None
    session_seconds: float = Field(default=45.0, ge=6, le=90)
    """After so long without a sign of life Kafka gives the partitions of a worker to the others. Takes effect on Apache
    Kafka; must lie within the broker's `group.min.session.timeout.ms` and `group.max.session.timeout.ms`."""
    worker: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,100}$")
    """The name of this worker among those of the instance. One that comes back under its name within the session takes its
    partitions up again at once. No two at a time may have the same. None: each start joins as a new worker."""
    replication_factor: int = Field(default=1, ge=1, le=10)
    """Copies that Kafka keeps of the topics that `bellwether topics apply` makes."""

    one_kafka_user: bool = False
    """True: one process does all, by one user of Kafka, named like the instance; else `--acls` makes one for each role."""
    dead_letter_readers: Annotated[tuple[str, ...], NoDecode] = ()
    """Partners that may read their own dead letters. None may unless it is named here."""

    database: str = Field(default="sqlite:///bellwether.db", repr=False)
    """`sqlite:///FILE` or `postgresql://user:password@host/name`."""
    database_password: SecretStr | None = None
    """Put into `database`, so that the password can lie in a file of its own."""

    network: Path | None = None
    """The network file: partners, sites, materials, demand. Without one only what events say is known."""
    rulebooks: Paths = ()
    """Rulebooks; none means the one that ships. A change of a file comes into force by itself."""
    shadow_rulebooks: Paths = ()
    """A second rulebook that runs beside and only counts what it would have raised."""
    alerting: Path | None = None
    """Receivers and routing. Without one alerts are kept and nobody is told."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+(/[^\s]*)?$")
    """The address at which people reach this port, for the links in messages. None: messages have no links."""
    link_key: SecretStr | None = None
    """What those links are signed with, the same for all workers: 32 characters or more. Several, separated by commas: the
    first signs, all verify."""
    audit_checkpoints: Path | None = None
    """Where signed checkpoints of the audit trail go: a file, or a folder if there is one. Not beside the database."""
    audit_key_file: Path | None = None
    """The private key that signs them, in PEM; `bellwether audit key new` makes one. Or its text, as `audit_key`."""
    audit_key: SecretStr | None = None
    audit_public_keys: Paths = ()
    """Public keys of those before it, so that their checkpoints stay good."""
    audit_checkpoint_minutes: float = Field(default=5.0, gt=0)
    intake_folder: Path | None = None
    """A folder with one folder a partner, watched for dropped files."""
    intake_settled_seconds: float = Field(default=2.0, gt=0, le=3600)
    """A dropped file is taken when it has not changed for so long."""
    profiles: Paths = ()
    """Folders with partners' file profiles, besides those that ship."""
    webhook_rate: float = Field(default=1000.0, gt=0)
    """Requests a second that are taken from one partner over HTTP; more are answered 429."""
    archive: str | None = Field(default=None, min_length=1)
    """Where raw records are kept beyond Kafka's retention: a folder, or `s3://bucket/prefix` and the like, by fsspec and its
    plug-ins. None: nowhere."""
    archive_minutes: float = Field(default=10.0, gt=0)
    """A segment of the archive is finished so long after its first record, or at `archive_megabytes` before compression."""
    archive_megabytes: int = Field(default=32, ge=1, le=1024)

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8321, ge=0, le=65535)
    """Where /metrics and the health checks answer; 0 takes a free port."""
    partitions: int = Field(default=4, ge=1, le=1024)
    """Partitions of `scrm.events.v1`. Fixed once data is in it: the order within a site hangs on it."""
    clock: Literal["wall", "stream"] = "wall"
    """`stream`: time passes by the events alone, for replays and simulations."""
    batch_records: int = Field(default=16_000, ge=1, le=100_000)
    """The most records of a partition handled in one transaction: only a worker that is behind finds so many waiting."""
    ledger_processes: int = Field(default=2, ge=1, le=64)
    """Processes in which the ledgers of the partitions count, besides the one that talks to the broker."""
    batches_in_memory: int = Field(default=2, ge=1, le=64)
    """The most batches of a partition that wait in memory for their turn."""
    stalled_after_seconds: float = Field(default=120.0, gt=0)
    """Alive no more when there is lag and no position moved for this long."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # `load` puts the sources together, so that an error names the one it came from

    @field_validator(
        "rulebooks", "shadow_rulebooks", "profiles", "audit_public_keys", "dead_letter_readers", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("kafka")
    @classmethod
    def _servers(cls, value: str) -> str:
        for server in value.removeprefix(EMBEDDED_AT).split(","):
            host, _, port = server.strip().rpartition(":")
            if value != EMBEDDED and not (host and port.isdecimal()):
                raise ValueError(
                    f"{server!r} is not host:port; name servers as `kafka-1:9092,kafka-2:9092`, or `{EMBEDDED}`"
                )
        return value

    @field_validator("database")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("this is not the address of a database; use sqlite:///FILE or postgresql://user@host/name")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.kafka_security.startswith("SASL") and not (self.kafka_username and self.kafka_password):
            raise ValueError(f"kafka_security {self.kafka_security} needs kafka_username and kafka_password")
        if (self.public_url is None) != (self.link_key is None):
            raise ValueError("public_url and link_key go together: name both or neither")
        if self.link_key is not None:
            LinkKeys.parse(self.link_key.get_secret_value())
        if (self.kafka_certificate_file is None) != (self.kafka_key_file is None):
            raise ValueError("kafka_certificate_file and kafka_key_file go together: name both or neither")
        return self

    @property
    def kafka_servers(self) -> str:
        """Where to reach the broker; nothing for one that is yet to be started."""
        return "" if self.kafka == EMBEDDED else self.kafka.removeprefix(EMBEDDED_AT)

    @property
    def kafka_is_embedded(self) -> bool:
        """Whether it is the embedded broker, which cannot do all that Apache Kafka can."""
        return self.kafka == EMBEDDED or self.kafka.startswith(EMBEDDED_AT)

    @property
    def link_keys(self) -> LinkKeys | None:
        """What links in messages are signed with; None: messages have no links."""
        return None if self.link_key is None else LinkKeys.parse(self.link_key.get_secret_value())

    @property
    def database_url(self) -> str:
        """The database's address with its password. Never log it; `database_shown` is for people."""
        url = make_url(self.database)
        if self.database_password is not None:
            url = url.set(password=self.database_password.get_secret_value())
        return url.render_as_string(hide_password=False)

    @property
    def database_shown(self) -> str:
        """The database's address without its password."""
        return make_url(self.database).render_as_string(hide_password=True)

    def ssl_context(self) -> ssl.SSLContext | None:
        """How to check Kafka's certificate and show ours; None where the connection is not encrypted."""
        if not self.kafka_security.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=None if self.kafka_ca_file is None else str(self.kafka_ca_file))
        if self.kafka_certificate_file is not None:
            context.load_cert_chain(self.kafka_certificate_file, self.kafka_key_file)
        return context

    def kafka_client(self) -> dict[str, Any]:
        """Security options, by the names that kafka-python's and aiokafka's clients share."""
        options: dict[str, Any] = {"security_protocol": self.kafka_security}
        if (context := self.ssl_context()) is not None:
            options["ssl_context"] = context
        if self.kafka_password is not None and self.kafka_security.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.kafka_mechanism,
                "sasl_plain_username": self.kafka_username,
                "sasl_plain_password": self.kafka_password.get_secret_value(),
            }
        return options


def load(config: Path | None = None, **said: Any) -> Settings:
    """The settings of this instance. `said` are those of the command line; None there means: not said.

    `config` is a YAML file; None takes BELLWETHER_CONFIG, else `bellwether.yaml` of this folder where there is one.
    Raises SettingsError with every problem at once.
    """
    values, origins = _from_file(_config_file(config))
    secrets = os.environ.get(PREFIX + "SECRETS")
    problems = _mistyped_variables()
    if secrets is not None and not Path(secrets).is_dir():
        problems.append(f"{PREFIX}SECRETS: {secrets} is not a folder")
        secrets = None
    for name, value in SecretsSettingsSource(Settings, secrets_dir=secrets)().items() if secrets else ():
        values[name], origins[name] = value, f"{secrets}/{PREFIX.lower()}{name}"
    for name, value in EnvSettingsSource(Settings)().items():
        values[name], origins[name] = value, f"{PREFIX}{name.upper()} in the environment"
    for name, value in said.items():
        if value is not None:
            values[name], origins[name] = value, f"--{name.replace('_', '-')}"
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(problems + [_line(problem, origins) for problem in error.errors()]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _config_file(config: Path | None) -> Path | None:
    if config is None and (named := os.environ.get(PREFIX + "CONFIG")):
        config = Path(named)
    if config is None:
        return Path(CONFIG_FILE) if Path(CONFIG_FILE).is_file() else None
    if not config.is_file():
        raise SettingsError([f"{config}: there is no such settings file"])
    return config


def _from_file(config: Path | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The file's settings and where each stands. Paths in it are relative to its folder."""
    if config is None:
        return {}, {}
    try:
        text = config.read_text(encoding="utf-8")
        node = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
        values: Any = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError([f"{config}: {error}"]) from None
    if values is None:
        return {}, {}
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        raise SettingsError([f"{config}: settings are written as `name: value`, one a line"])
    origins = {str(key.value): f"{config}, line {key.start_mark.line + 1}" for key, _ in node.value}
    named = {str(name): _beside(config, str(name), value) for name, value in cast("dict[Any, Any]", values).items()}
    return named, origins


def _beside(config: Path, name: str, value: Any) -> Any:
    """A path in a settings file, seen from the file's own folder."""
    if name in ("rulebooks", "shadow_rulebooks", "profiles", "audit_public_keys"):
        parts: list[Any] = value.split(",") if isinstance(value, str) else value
        return [config.parent / str(part).strip() for part in parts] if isinstance(parts, list) else value  # pyright: ignore[reportUnnecessaryIsInstance]
    if name == "archive" and isinstance(value, str) and "://" in value:
        return value
    is_path = name in ("network", "alerting", "intake_folder", "audit_checkpoints", "archive") or name.endswith("_file")
    return str(config.parent / value) if is_path and isinstance(value, str) else value


def _mistyped_variables() -> list[str]:
    """Variables that look like a setting and are none: a typing error there would pass unseen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG", PREFIX + "SECRETS"}
    return [
        f"{variable} in the environment: there is no such setting; did you mean {near[0]}?"
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX) and variable not in known
        if (near := get_close_matches(variable, known, n=1, cutoff=0.85))
    ]


def _line(problem: Any, origins: dict[str, str]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(name, Settings.model_fields, n=1)
        message = "there is no such setting" + (f"; did you mean `{near[0]}`?" if near else "")
    return ": ".join(part for part in (origins.get(name, "settings"), name, message) if part)
