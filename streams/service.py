"""The composition root: broker, database, network, rules and receivers put together into a running service."""

import asyncio
import gc
import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import structlog
from fastapi import APIRouter
from sqlalchemy import Engine

import risk_rules
from alerting.configuration import loading
from alerting.configuration.configuration import Configuration
from alerting.configuration.source import ConfigurationSource
from alerting.console.acting import acting
from alerting.database import connect
from alerting.delivery.dispatch import Dispatcher
from alerting.desk.desk import Desk
from alerting.desk.rounds import Rounds
from alerting.links import links_at
from streams import schema
from streams.agreements import Agreements
from streams.alerting_file import alerting_source
from streams.archive.keepers import Keepers, keepers_for
from streams.broker import EmbeddedBroker
from streams.checkpoints import checkpoints_of
from streams.database_watch import watch_database
from streams.dead_letters.measuring import start_measuring
from streams.gauges import keep_sampling
from streams.health import Vitals
from streams.heartbeats import keep_beating
from streams.intake.agent import Intake, producer
from streams.intake.folder import DropFolder
from streams.intake.gate import IntakeGate
from streams.intake.profile_source import ProfileSource
from streams.intake.publishing import publishing
from streams.intake.stream_agent import IntakeAgent, limits_of
from streams.intake.turnstile import Turnstile
from streams.intake.webhook.service import webhooks_for
from streams.lanes import Partition
from streams.ledger.agent import LedgerAgent
from streams.ledger.partition import Outcome
from streams.ledger.processes import Told
from streams.ledger.standing import Clock
from streams.network.foreign import foreign
from streams.network.model import EMPTY, Network
from streams.network.reload import NetworkSource
from streams.own_topics import id_of_topic, see_to_topics
from streams.role_apps import RoleApps, group
from streams.roles import Role
from streams.rulebooks.files import RulebookFiles
from streams.rulebooks.source import RulebookSource
from streams.rulebooks.store import Part
from streams.settings import EMBEDDED, Settings, SettingsError
from streams.tallies import batch_counted, batch_taken_in, message_tried, profiles_looked_at, rulebook_looked_at
from streams.topics import EVENTS_TOPIC, inbound
from streams.web_server import WebServer, health

log = structlog.get_logger(__name__)

SHIPPED_RULEBOOK = Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml"
STOP_WITHIN_SECONDS = 6.0
"""For batches and messages under way. The ledgers' processes get 3 s after that: 10 s is what a stop may take."""


class Service:
    """A running instance. `start`, then `wait` until `stop` is called or a part fails for good; `stop` always works.

    `alerting` takes the place of the alerting file (the demo's receiver gets its address only when it runs).
    """

    def __init__(
        self, settings: Settings, roles: frozenset[Role] = frozenset(Role), *, alerting: Configuration | None = None
    ) -> None:
        self.settings = settings
        self.roles = roles
        self._given_alerting = alerting
        self._alerting: ConfigurationSource | None = None
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._network: NetworkSource | None = None
        self._rulebooks: list[RulebookSource] = []
        self._profiles: ProfileSource | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._dispatcher: Dispatcher | None = None
        self._rounds: Rounds | None = None
        self.vitals = Vitals(
            frozenset(group(settings, role) for role in roles - {Role.DISPATCH, Role.ARCHIVE}),
            stalled_after=timedelta(seconds=settings.stalled_after_seconds),
            caught_up_within=settings.batch_records,
        )
        self.bootstrap = ""
        self.address = ""
        self.engine: Engine = connect(settings.database_url)

    @property
    def network(self) -> Network:
        """The network in force."""
        return EMPTY if self._network is None else self._network.current

    @property
    def alerting(self) -> Configuration:
        """Who is told of what, as it is in force."""
        if self._given_alerting is not None:
            return self._given_alerting
        return loading.NOBODY if self._alerting is None else self._alerting.current

    async def start(self) -> None:
        """Start all parts. Raises what is wrong with settings and files, before anything is consumed."""
        settings = self.settings
        self._network = None if settings.network is None else NetworkSource(settings.network)
        if Role.INTAKE in self.roles and not self.network.partners:
            raise SettingsError(
                ["network: the intake needs a network file that names the partners (BELLWETHER_NETWORK)"]
            )
        self._begin_profiles()
        keepers = keepers_for(settings, self.roles, self.network.partners, self._topic_id)
        if self._given_alerting is None:
            self._alerting = alerting_source(settings, sends=Role.DISPATCH in self.roles)
        if Role.DISPATCH in self.roles:
            self._dispatcher = Dispatcher(self.engine, lambda: self.alerting, os.environ, observe=message_tried)
        await asyncio.to_thread(schema.prepare, self.engine)
        if (checkpoints := checkpoints_of(settings, self.engine)) is not None:
            await checkpoints.begin()
            self._stack.push_async_callback(checkpoints.make)  # once more when all else has ended
            self._spawn(checkpoints.run(), "checkpoints")
        if Role.LEDGER in self.roles:
            await self._begin_rulebooks()
        await self._prepare_topics()
        desk, routers = self._desk()
        routers += await self._webhooks()
        server = WebServer([health(self.vitals), *routers], host=settings.http_host, port=settings.http_port)
        self.address = await server.start()
        self._stack.push_async_callback(server.stop)
        self._spawn(watch_database(self.engine, self.vitals), "database watch")
        self._spawn(keep_sampling(self.engine), "gauges")
        if self._network is not None:
            self._spawn(self._network.follow(), "network file")
        if self._alerting is not None:
            self._spawn(self._alerting.follow(), "alerting file")
        if self._dispatcher is not None:
            self._spawn(self._dispatcher.run(), "dispatcher")
            self._rounds = Rounds(desk, self._dispatcher.wake)
            self._spawn(self._rounds.run(), "desk")
        if Role.LEDGER in self.roles:
            self._start_ledger()
        if Role.INTAKE in self.roles:
            await self._start_intake()
        self._start_archive(keepers)
        gc.collect()
        gc.freeze()  # what is loaded now stays; the collector need not look at it again
        gc.set_threshold(50_000, 20, 50)

    async def wait(self) -> None:
        """Until `stop` is asked for. Raises when a part came to an end by itself."""
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait([stopped, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        for task in done - {stopped}:
            task.result()
            if not self._stopping.is_set():
                raise RuntimeError(f"{task.get_name()} has ended")

    def reload(self) -> None:
        """Read network, alerting file, profiles and rulebooks again, also if they look unchanged; soon, not at once."""
        self._reloading = asyncio.create_task(self._reload(), name="reload")

    async def _reload(self) -> None:
        if self._network is not None:
            await asyncio.to_thread(self._network.reload)
        if self._alerting is not None:
            await asyncio.to_thread(self._alerting.reload)
        if self._profiles is not None:
            await asyncio.to_thread(self._profiles.reload)
        for source in self._rulebooks:
            await source.ask_again()

    def ask_to_stop(self) -> None:
        """Let `wait` return."""
        self._stopping.set()

    async def stop(self) -> None:
        """End all parts cleanly: batches under way are committed, messages under way are marked."""
        self._stopping.set()
        if self._rounds is not None:
            self._rounds.stop()
        if self._dispatcher is not None:
            self._dispatcher.stop()
        for task in self._tasks:
            if task.get_name() not in ("desk", "dispatcher"):
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_SECONDS)
        await self._stack.aclose()
        self.engine.dispose()

    def _desk(self) -> tuple[Desk, list[APIRouter]]:
        """The desk, and the pages on which people act where messages have links to them."""
        keys, url = self.settings.link_keys, self.settings.public_url
        if keys is None or url is None:
            return Desk(self.engine, lambda: self.alerting, others=lambda one: foreign(self.network, one)), []
        desk = Desk(
            self.engine, lambda: self.alerting, links_at(url, keys), others=lambda one: foreign(self.network, one)
        )
        return desk, [acting(self.engine, desk, lambda: self.alerting, keys, lambda: datetime.now(UTC))]

    async def _webhooks(self) -> list[APIRouter]:
        """The way in for signed requests of partners, where any has keys."""
        if (profiles := self._profiles) is None or Role.INTAKE not in self.roles:
            return []
        webhooks = webhooks_for(self.settings, lambda: profiles.current, lambda: self.network.partners, self.bootstrap)
        if webhooks is None:
            return []
        self._stack.push_async_callback(webhooks.close)
        await webhooks.open()
        return [webhooks.router]

    def _spawn(self, work: Any, name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    # --- what must be there before ---

    async def _prepare_topics(self) -> None:
        if not self.roles - {Role.DISPATCH}:
            return  # it lives on the database alone
        settings = self.settings
        if settings.kafka == EMBEDDED:
            self.bootstrap = self._stack.enter_context(EmbeddedBroker()).bootstrap
        else:
            self.bootstrap = settings.kafka_servers
        make = settings.kafka == EMBEDDED
        partners = self.network.partners if make or Role.INTAKE in self.roles else ()
        await asyncio.to_thread(see_to_topics, settings, self.bootstrap, partners, make=make)

    def _apps(self) -> RoleApps:
        return RoleApps(self.settings, self.bootstrap, self.vitals, self._stopping)

    async def _topic_id(self, topic: str) -> str:
        return await asyncio.to_thread(id_of_topic, self.settings, self.bootstrap, topic)

    # --- roles ---

    def _begin_profiles(self) -> None:
        """The intake reads by them; the ledger knows by them how fresh words are to be."""
        if self.roles & {Role.INTAKE, Role.LEDGER}:
            self._profiles = ProfileSource(self.settings.profiles, profiles_looked_at)
            self._spawn(self._profiles.follow(), "partner profiles")

    async def _begin_rulebooks(self) -> None:
        """Put in force what the files say; from then on follow them."""
        settings = self.settings
        paths = {Part.LIVE: settings.rulebooks or (SHIPPED_RULEBOOK,), Part.SHADOW: settings.shadow_rulebooks}
        for part in Part:
            source = RulebookSource(
                part, RulebookFiles(paths[part]), self.engine, instance=settings.instance,
                worker=settings.worker or gethostname(), clock=lambda: datetime.now(UTC), tally=rulebook_looked_at,
            )  # fmt: skip
            await asyncio.to_thread(source.begin)
            self._rulebooks.append(source)
            if paths[part]:
                self._spawn(source.follow(), f"{part} rulebook files")

    def _start_ledger(self) -> None:
        settings, profiles = self.settings, self._profiles
        assert profiles is not None
        agreed = Agreements(lambda: profiles.current)
        ledger = LedgerAgent(
            settings.database_url, lambda: Told(self.network, self.alerting.reopen_within, agreed()), Clock(settings.clock),
            self._topic_id, self._committed, settings.ledger_processes,
        )  # fmt: skip
        self._stack.callback(ledger.close)
        self._spawn(self._apps().keep_running(Role.LEDGER, {EVENTS_TOPIC: ledger}), "ledger")

    async def _start_intake(self) -> None:
        settings = self.settings
        profiles = self._profiles
        assert profiles is not None
        gate = IntakeGate(
            self.engine,
            limits=lambda partner: limits_of(settings, profiles.current, partner),
            clock=lambda: datetime.now(UTC),
        )
        intake = Intake(
            make_producer=lambda: producer(
                self.bootstrap, settings.kafka_client(), idempotent=not settings.kafka_is_embedded
            ),
            network=lambda: self.network,
            profiles=lambda: profiles.current,
            clock=lambda: datetime.now(UTC),
            tally=batch_taken_in,
            turnstile=Turnstile(gate),
            stream_clock=settings.clock == "stream",
        )
        self._stack.push_async_callback(intake.close)
        agent = IntakeAgent(intake, self.vitals)
        topics = {inbound(partner): agent for partner in self.network.partners}
        self._spawn(self._apps().keep_running(Role.INTAKE, topics), "intake")
        beats = producer(self.bootstrap, settings.kafka_client(), idempotent=False)  # a repeat of one is no harm
        await beats.start()
        self._stack.push_async_callback(beats.stop)
        self._spawn(keep_beating(beats, lambda: self.alerting), "heartbeats")
        self._stack.callback(start_measuring(settings, self.bootstrap, self.engine, lambda: self.network.partners))
        if settings.intake_folder is not None:
            sender = producer(self.bootstrap, settings.kafka_client(), idempotent=not settings.kafka_is_embedded)
            await sender.start()
            self._stack.push_async_callback(sender.stop)
            folder = DropFolder(
                settings.intake_folder,
                self.engine,
                profiles=lambda: profiles.current,
                publish=publishing(sender),
                clock=lambda: datetime.now(UTC),
                settled_seconds=settings.intake_settled_seconds,
            )
            self._spawn(folder.run(self._stopping), "intake folder")

    def _start_archive(self, keepers: Keepers | None) -> None:
        if keepers is not None:
            self._spawn(self._apps().keep_running(Role.ARCHIVE, keepers.agents, keepers), "archive")

    def _committed(self, partition: Partition, outcome: Outcome, records: int, seconds: float) -> None:
        batch_counted(partition.topic, outcome, records, seconds)
        if outcome.news and self._rounds is not None:
            self._rounds.wake()
