"""A text planted in every field of one partner's events, and all that another partner, or its contacts, could read.

The reference network is lived through as in `worlds`, but each text field of the chosen partner's events that may hold any
text carries the canary. Messages go to us and to a receiver of each partner.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, select

from alerting.configuration.loading import parse
from alerting.database import reading
from alerting.desk.desk import Desk
from alerting.links import LinkKeys, links_at
from alerting.tables import outbox
from streams.demo.run import START
from streams.feeder import tick
from streams.intake.admission import Feed
from streams.intake.dead_letters import dead_letter
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.ledger.standing import Clock
from streams.network.foreign import foreign
from streams.network.model import Network
from streams.simulation.disruptions import all_seven
from streams.simulation.envelope import Record
from streams.simulation.world import Day, World
from tests.acceptance.worlds import Inbound, evening, reference
from tests.oracle.stream import DEFAULT_RULES, Partition, database

CANARY = "Kanarienvogel"
DAYS_AT_A_TIME = 7
KEYS = LinkKeys.parse("k" * 32)
JSON = b"application/cloudevents+json"


class Seen(NamedTuple):
    """All texts by who can read them: `messages` by receiver, `letters` by partner. `planted` counts fields."""

    planted: int
    messages: dict[str, list[str]]
    letters: dict[str, list[str]]


class Came(NamedTuple):
    """A record on a partner's topic, with the broker's time in milliseconds since 1970."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


class Planter:
    """Plants the canary in the events of a partner. Fields whose form is fixed are found by trying, and left alone."""

    def __init__(self, partner: str, network: Network) -> None:
        self._partner = partner
        self._network = network
        self._fixed: dict[tuple[str, str], bool] = {}
        self.planted = 0

    def plant(self, record: Record, day: Day) -> Record:
        """The record with the canary in it, if it is one of the partner's."""
        if record.partner != self._partner or not _is_json(record):
            return record
        try:
            event: Any = msgspec.json.decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return record
        kind = str(event.get("type"))
        for holder, field in _texts(event.get("data")):
            if (kind, field) not in self._fixed:
                self._fixed[kind, field] = not self._is_taken(record, event, holder, field, day)
            if not self._fixed[kind, field]:
                holder[field] = _marked(holder[field])
                self.planted += 1
        return record._replace(value=msgspec.json.encode(event))

    def _is_taken(self, record: Record, event: Any, holder: Any, field: str, day: Day) -> bool:
        was, holder[field] = holder[field], _marked(holder[field])
        try:
            _admitted(record._replace(value=msgspec.json.encode(event)), day, self._network)
        except Refusal:
            return False
        finally:
            holder[field] = was
        return field not in ("material_code", "product_code", "line", "uom")  # others: nothing would be known of it


def lived_with_a_canary(folder: Path, partner: str, weeks: int) -> Seen:
    """Live through a world in which the partner's events carry the canary."""
    network, _ = reference()
    world = World(network, 1, START, weeks, all_seven())
    engine = database(f"sqlite:///{folder / 'world.db'}")
    partition = Partition(engine, rules=DEFAULT_RULES, network=network, clock=Clock.STREAM)
    configuration = parse(_alerting(network))
    links = links_at("https://bellwether.example", KEYS)
    desk = Desk(engine, lambda: configuration, links, others=lambda one: foreign(network, one))
    planter = Planter(partner, network)
    letters: dict[str, list[str]] = {code: [] for code in network.partners}
    waiting: list[bytes] = []
    for number, day in enumerate(world.days(), 1):
        for record in (planter.plant(one, day) for one in day.records):
            try:
                waiting += _admitted(record, day, network)
            except Refusal as refusal:
                letters[record.partner].append(_letter(record, refusal))
        waiting.append(tick(evening(day), 0))
        if number % DAYS_AT_A_TIME == 0:
            partition.now = evening(day)
            partition.send(*waiting)
            waiting.clear()
            while desk.work(evening(day) + timedelta(hours=9)).more:
                continue
    seen = Seen(planter.planted, _messages(engine), letters)
    engine.dispose()
    return seen


def receiver_of(partner: str) -> str:
    """The name of a partner's own receiver."""
    return f"desk-of-{partner}"


def _alerting(network: Network) -> str:
    desks = "".join(
        f"  {receiver_of(one)}: {{address: json://localhost/{one}, partner: {one}}}\n" for one in network.partners
    )
    branches = "".join(
        f"    - {{match: 'partner=\"{one}\"', to: {receiver_of(one)}, continue: true}}\n" for one in network.partners
    )
    return (
        f"receivers:\n  ours: {{address: json://localhost/ours}}\n{desks}"
        f"route:\n  to: ours\n  group_wait: 0s\n  digest: [watch]\n  routes:\n{branches}"
    )


def _admitted(record: Record, day: Day, network: Network) -> list[bytes]:
    _, profiles = reference()
    sites = frozenset(site.code for site in network.sites.values() if site.partner == record.partner)
    inbound = Inbound(0, record.key, record.value, record.headers)
    told = canonical_records(inbound, Feed(record.partner, sites), profiles, evening(day))
    return [canonical.value for canonical in told]


def _letter(record: Record, refusal: Refusal) -> str:
    came = Came(0, record.key, record.value, record.headers, 0)
    letter = dead_letter(
        came, refusal, topic=f"cdmo.{record.partner}.inbound", partition=0, partner=record.partner, mapping=""
    )
    return repr((letter.key, letter.value, letter.headers))


def _messages(engine: Engine) -> dict[str, list[str]]:
    """Everything in a message that leaves the house: its texts, and the ids that it is told apart by."""
    found: dict[str, list[str]] = {}
    with reading(engine) as connection:
        of = outbox.c
        for row in connection.execute(select(of.receiver, of.title, of.body, of.id, of.thread)):
            found.setdefault(row.receiver, []).append(f"{row.title}\n{row.body}\n{row.id}\n{row.thread}")
    return found


def _is_json(record: Record) -> bool:
    return any(name == "content-type" and value.startswith(JSON) for name, value in record.headers)


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """The texts in a JSON value: what holds each, and its key or place there."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(entries):
        if isinstance(inner, str):
            yield value, key
        else:
            yield from _texts(inner)


def _marked(text: str) -> str:
    return f"{text}-{CANARY}"
