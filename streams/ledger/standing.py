"""All that the ledger of a partition knows: loaded when the partition is taken over, carried on from batch to batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Engine, select

from alerting.book import AlertBook, usual_window
from alerting.database import reading
from risk_rules.rulebook import Rulebook
from streams.ledger.deadlines import Deadlines
from streams.ledger.evaluation import Evaluation
from streams.ledger.facts import Units
from streams.ledger.feeds import Feeds
from streams.ledger.holding import Holding, SubjectKey
from streams.ledger.register import Register
from streams.ledger.rejudging import Rejudging
from streams.ledger.shadow import Shadow
from streams.ledger.tables import partition_clock, stream_position
from streams.ledger.trust.watches import Agreed
from streams.ledger.turns import TURNS, boundary
from streams.network.model import Network


class Clock(StrEnum):
    """What tells the time of evaluation: the wall, or the ticks of the stream (replay and simulation)."""

    WALL = "wall"
    STREAM = "stream"


def no_shadow() -> None:
    """No rulebook runs beside the live one."""


def nothing_agreed() -> Agreed:
    """No partner has said how fresh its word is."""
    return {}


class Guides(NamedTuple):
    """What a ledger goes by; network and rulebooks may change between two batches. `shadow` is asked after `rulebook`.
    `agreed`: how fresh the partners' words are to be."""

    network: Callable[[], Network]
    rulebook: Callable[[], Rulebook]
    clock: Clock
    shadow: Callable[[], Rulebook | None] = no_shadow
    reopen_within: Callable[[], timedelta] = usual_window
    agreed: Callable[[], Agreed] = nothing_agreed


class Place(NamedTuple):
    """Where in the stream a ledger works. `topic_id` is the broker's UUID of the topic: a topic made anew is another."""

    topic: str
    topic_id: str
    partition: int


@dataclass
class Standing:
    """What is known of a partition, in memory; the database holds the same. `position`: None where nothing was counted."""

    place: Place
    guides: Guides
    register: Register
    holding: Holding
    feeds: Feeds
    deadlines: Deadlines
    evaluation: Evaluation
    alerts: AlertBook
    rejudging: Rejudging
    shadow: Shadow
    units: Units
    rulebook: Rulebook
    position: int | None
    stream_time: datetime | None

    @classmethod
    def load(cls, engine: Engine, place: Place, guides: Guides) -> "Standing":
        """Take over from the database."""
        number = place.partition
        holding, deadlines = Holding(), Deadlines(number)
        feeds = Feeds(number, ticks=guides.clock is Clock.STREAM)
        evaluation = Evaluation(number, holding, feeds, deadlines)
        register, alerts, rejudging = Register(number), AlertBook(guides.reopen_within), Rejudging(number)
        shadow = Shadow(number, holding, feeds)
        at = (stream_position.c.topic_id == place.topic_id) & (stream_position.c.partition == number)
        with reading(engine) as connection:
            # The position first: whatever another worker commits after it, our first compare-and-set will notice.
            here = select(stream_position.c.next_offset, stream_position.c.moved_at).where(at)
            position, moved_at = connection.execute(here).one_or_none() or (None, None)
            feeds.load(connection)
            register.load(connection)
            holding.load(connection, feeds.sites)
            evaluation.load(connection)
            rejudging.load(connection)
            shadow.load(connection, rejudging.shadow)
            alerts.load(connection, str(number))
            clock = select(partition_clock.c.clock).where(partition_clock.c.partition == number)
            stream_time = connection.execute(clock).scalar()
            deadlines.load(connection, stream_time if guides.clock is Clock.STREAM else moved_at)
        standing = cls(
            place, guides, register, holding, feeds, deadlines, evaluation, alerts, rejudging, shadow,
            Units(guides.network()), guides.rulebook(), position, stream_time,
        )  # fmt: skip
        standing.ask_all_soon()  # since another network or rulebook may have been in force when it was put off
        return standing

    def follow_guides(self, engine: Engine, offset: int, now: datetime) -> None:
        """Go by the network and the rulebooks as they are now, for one batch that begins at `offset`."""
        self.feeds.watches.agreed = self.guides.agreed()
        if self.guides.clock is Clock.WALL:  # history that is lived again is refused nothing
            others = self.feeds.watches.refusals.follow(engine, now)
            for name, feed in self.feeds.feeds.items() if others else ():
                if feed.partner in others:
                    self.deadlines.put(("feed", name), now)
        network, rulebook, shadow = self.guides.network(), self.guides.rulebook(), self.guides.shadow()
        if network is not self.units.network or rulebook is not self.rulebook:
            self.ask_all_soon()
        if network is not self.units.network:
            self.units = Units(network)
        self.rulebook = rulebook
        if self.shadow.book is not shadow:
            with reading(engine) as connection:
                self.shadow.follow(connection, shadow)
        beside = None if shadow is None else shadow.version
        self.rejudging.follow(self.rulebook.version, beside, offset, now, anything=self.position is not None)

    def ask_all_soon(self) -> None:
        """What was put off because nothing would change is asked about as if it might."""
        self.deadlines.bring_forward(TURNS, boundary(self.deadlines.reached))

    def spoken_of(self) -> Iterator[SubjectKey]:
        """The feeds, and what rules found or remember something of."""
        yield from (("feed", key) for key in self.feeds.feeds)
        yield from self.evaluation.spoken_of()

    def accept(self) -> None:
        """What was worked out is committed."""
        self.holding.accept()
        self.feeds.accept()
        self.deadlines.accept()
        self.evaluation.accept()
        self.rejudging.accept()
        self.shadow.accept()
