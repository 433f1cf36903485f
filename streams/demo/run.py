"""Runs the demo: a broker, a database, a chat receiver and the service itself, and a world that is lived through them."""

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from rich.console import Console

import streams.simulation
from alerting.configuration import loading
from alerting.database import reading
from alerting.delivery.receiver import ChatReceiver
from streams import logs, metrics
from streams.demo import evidence
from streams.demo.evidence import Told
from streams.demo.feeds import feeds
from streams.demo.senders import Senders, place_keys
from streams.demo.summary import Alarms, Figures, Summary, Truth, alarms, summarise
from streams.demo.view import Moment, View
from streams.feeder import Feeder
from streams.intake.agent import producer
from streams.network.load import load
from streams.network.model import Network
from streams.service import Service
from streams.settings import Settings
from streams.simulation.disruptions import all_seven
from streams.simulation.speech import mixed
from streams.simulation.world import Day, World

NETWORK = Path(streams.simulation.__file__).parent / "network.yaml"
START = date(2025, 1, 6)
"""A Monday in the past, always the same: the same seed gives the same bytes, and the intake takes nothing from the future."""

ALERTING = """
receivers: {{chat: {{address: "{address}", per_second: 1000}}}}
route: {{to: chat, group_by: [], group_wait: 0s, digest: [watch]}}
"""
"""Warnings and worse go to the chat at once, each on its own; what is only to be watched is for tomorrow's digest."""

MESSAGES_SHOWN = 3
SEND_WITHIN_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.25
SETTLED_SECONDS = 0.05
"""Half a year has to pass in a minute; partners here write under another name first, so a file is whole when it is seen."""


class Result(NamedTuple):
    """What came of the run, and some of what was told."""

    summary: Summary
    alarms: Alarms
    told: list[Told]


class Demo:
    """One run. Everything it needs is started at the beginning of its context and gone at the end."""

    def __init__(self, *, seed: int, weeks: int, console: Console) -> None:
        self._console = console
        self._network = load(NETWORK)
        self._world = World(self._network, seed, START, weeks, all_seven(), mixed)
        self._view = View(console, days=7 * weeks)
        self._stack = AsyncExitStack()
        self._chat = ChatReceiver()
        self._today = Day(START, ())
        self._began = 0.0

    async def __aenter__(self) -> Self:
        self._console.print("Starting a broker in memory, SQLite, a chat receiver and the service ...")
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bellwether-demo-"))
        self._stack.enter_context(self._chat)
        logs.configure(level=logging.ERROR)
        keys, drops = place_keys(), Path(folder) / "drops"
        for partner in self._network.partners:
            (drops / partner).mkdir(parents=True)
        settings = Settings(
            instance="demo",
            network=NETWORK,
            database=f"sqlite:///{folder}/demo.db",
            clock="stream",
            http_port=0,
            profiles=(streams.simulation.PROFILES,),
            intake_folder=drops,
            intake_settled_seconds=SETTLED_SECONDS,
        )
        self._service = Service(settings, alerting=loading.parse(ALERTING.format(address=self._chat.address)))
        self._stack.push_async_callback(self._service.stop)
        await self._service.start()
        sender = producer(self._service.bootstrap, {}, idempotent=False)
        await sender.start()
        self._stack.push_async_callback(sender.stop)
        self._feeder = Feeder(sender, self._service.vitals.positions, partitions=settings.partitions)
        self._senders = Senders(self._feeder, address=self._service.address, folder=drops, secrets=keys)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def live(self) -> Result:
        """Live through all weeks; returns when every event is counted and every message sent or given up."""
        self._began = monotonic()
        with self._view:
            looking = asyncio.create_task(self._keep_looking())
            try:
                await self._live_days()
                await self._feeder.until_counted()
                seconds = monotonic() - self._began
                await self._until_told()
            finally:
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking
            self._view.show(await asyncio.to_thread(self._moment))
        return await asyncio.to_thread(self._result, seconds)

    async def keep(self) -> None:
        """Leave everything running until interrupted."""
        self._console.print(f"\nThe service runs on: {self._service.address}/metrics, /readyz, /livez. Ctrl-C ends it.")
        await self._service.wait()

    async def _live_days(self) -> None:
        days = iter(self._world.days())
        while (day := await asyncio.to_thread(next, days, None)) is not None:
            await self._senders.send(day.sent)
            await self._feeder.through_intake()
            await self._feeder.tick(_midnight_after(day.date))
            self._today = day

    async def _until_told(self) -> None:
        give_up_at = monotonic() + SEND_WITHIN_SECONDS
        while await asyncio.to_thread(self._waiting) and monotonic() < give_up_at:  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.05)

    def _waiting(self) -> int:
        with reading(self._service.engine) as connection:
            return evidence.messages_waiting(connection)

    async def _keep_looking(self) -> None:
        while True:
            self._view.show(await asyncio.to_thread(self._moment))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _moment(self) -> Moment:
        with reading(self._service.engine) as connection:
            counted = sum(evidence.handled(connection))
            return Moment(
                day=(self._today.date - START).days,
                today=self._today.date,
                events=counted,
                events_per_second=counted / max(monotonic() - self._began, 0.001),
                rejected=sum(_refused_at_intake(self._network).values()),
                open_alerts=evidence.open_alerts(connection),
                latest=evidence.newest_alerts(connection, most=8),
                messages_sent=len(self._chat.received),
            )

    def _result(self, seconds: float) -> Result:
        truths = truths_of(self._world)
        with reading(self._service.engine) as connection:
            states, repeats = evidence.messages(connection)
            figures = Figures(
                events=sum(evidence.handled(connection)),
                seconds=seconds,
                rejected=_refused_at_intake(self._network) + evidence.refusals(connection),
                messages=states,
                possible_repeats=repeats,
                feeds=feeds(self._senders.told, self._senders.not_signed, self._senders.refused_files),
            )
            courses = evidence.courses(connection)
            told = evidence.openings(connection, most=MESSAGES_SHOWN)
        return Result(summarise(courses, truths, figures), alarms(courses, truths), told)


def truths_of(world: World) -> list[Truth]:
    """What the disruptions of a world truly did."""
    return [
        Truth(
            kind=truth.kind,
            subject=f"{truth.subject_kind}:{truth.subject}",
            subjects=frozenset(f"{kind}:{key}" for kind, key in truth.affected),
            began_at=truth.began_at,
            true_impact_on=truth.true_impact_on,
            impact_subject=None if truth.impact_place is None else f"material:{truth.impact_place}",
        )
        for truth in world.truth()
    ]


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _refused_at_intake(network: Network) -> Counter[str]:
    """By reason, as this process counted."""
    refused: Counter[str] = Counter()
    for metric in metrics.intake_refused.collect():
        for sample in metric.samples:
            labels: Mapping[str, str] = sample.labels
            if sample.name.endswith("_total") and labels["partner"] in network.partners:
                refused[labels["reason"]] += int(sample.value)
    return refused
