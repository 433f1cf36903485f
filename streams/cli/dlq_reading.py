"""The dead letters that a command is about: the partner's topic, and what became of its letters."""

from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from rich.progress import Progress
from sqlalchemy import Engine

from alerting.database import connect, reading
from streams import schema, settings
from streams.cli.speaking import Exit, err, fail
from streams.dead_letters.choosing import BY, Choice, State, state_of
from streams.dead_letters.fates import Fate, fates
from streams.dead_letters.letter import Letter, letter
from streams.dead_letters.overview import Overview, overview
from streams.dead_letters.topic import LetterTopic, opened
from streams.network.load import load
from streams.settings import EMBEDDED, Settings

Told = tuple[Letter, State, Fate | None]
"""A letter and what became of it."""


@dataclass
class Found:
    """What was found of one partner: how its letters stand, and of the chosen ones the newest, and their counts."""

    overview: Overview
    letters: Sequence[Told]
    counts: dict[str, int]


@dataclass
class Box:
    """One partner's dead letters, for one command."""

    settings: Settings
    engine: Engine
    partner: str

    @contextmanager
    def opened(self) -> Generator[LetterTopic]:
        """The partner's topic as it is now."""
        with opened(self.settings, self.partner) as topic:
            yield topic

    def all(self, topic: LetterTopic) -> Iterator[Told]:
        """Every letter that the broker has, with a bar for people."""
        with reading(self.engine) as connection:
            decided = fates(connection, topic.extent.topic_id)
        extent = topic.extent
        total = extent.end - extent.begin if extent.exact else None
        with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task(f"reading {topic.extent.topic}", total=total)
            for record in topic.records():
                one, fate = letter(record), decided.get(record.offset)
                bar.advance(task)
                yield one, state_of(fate), fate

    def chosen(self, topic: LetterTopic, choice: Choice) -> Iterator[Told]:
        """Those that are meant."""
        return (told for told in self.all(topic) if choice.holds(told[0], told[2]))

    def read(self, choice: Choice, newest: int, by: str | None) -> Found:
        """What `list` tells."""
        kept: deque[Told] = deque(maxlen=newest)
        counted: Counter[str] = Counter()
        with self.opened() as topic:

            def going_by() -> Iterator[tuple[Letter, State]]:
                for one, state, fate in self.all(topic):
                    if choice.holds(one, fate):
                        kept.append((one.without_content(), state, fate))
                        if by is not None:
                            counted[BY[by](one)] += 1
                    yield one, state

            extent = topic.extent
            stands = overview(self.partner, extent.topic, going_by(), extent.retention, datetime.now(UTC))
        return Found(stands, tuple(reversed(kept)), dict(counted.most_common()))

    def one(self, offset: int) -> Told:
        """One letter; ends the command where there is none."""
        with self.opened() as topic:
            record = next((one for one in topic.records(offset, offset + 1) if one.offset == offset), None)
            if record is None:
                begin = topic.extent.begin
                gone = f"; the broker has let go of all before {begin}" if offset < begin else ""
                fail(f"{self.partner} has no letter {offset}{gone}", Exit.FOUND)
            with reading(self.engine) as connection:
                fate = fates(connection, topic.extent.topic_id).get(offset)
            return letter(record), state_of(fate), fate


@contextmanager
def boxes(context: typer.Context, partners: Sequence[str] | None) -> Generator[list[Box]]:
    """Those of these partners, else of all in the network file."""
    told = settings.load(context.obj)
    if told.kafka == EMBEDDED:
        fail("there is no broker yet: set BELLWETHER_KAFKA to that of the running service (host:port)", Exit.USAGE)
    if not partners:
        if told.network is None:
            fail("which partners? Name them, or set BELLWETHER_NETWORK to the network file", Exit.USAGE)
        partners = sorted(load(told.network).partners)
    engine = connect(told.database_url)
    try:
        with reading(engine) as connection:
            schema.require_latest(connection)
        yield [Box(told, engine, partner) for partner in partners]
    finally:
        engine.dispose()


def choice(
    states: str, reasons: Sequence[str] | None, mapping: str | None, family: str | None, since: datetime | None,
    before: datetime | None, place: str | None, offsets: Sequence[int] | None,
) -> Choice:  # fmt: skip
    """What the options say. Times without a zone are UTC."""
    return Choice(
        states=frozenset(State) if states == "all" else frozenset({State(states)}),
        reasons=frozenset(reasons or ()), mapping=mapping, family=family,
        since=None if since is None else since.replace(tzinfo=UTC),
        before=None if before is None else before.replace(tzinfo=UTC),
        place=place, offsets=frozenset(offsets or ()),
    )  # fmt: skip
