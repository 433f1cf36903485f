"""A file is lived through in the order of time, once for each event, and every row of it is accounted for."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from streams.intake import feed_record
from streams.intake.admission import Feed
from streams.intake.feed_record import FeedRecord
from streams.intake.inbound import TICK
from streams.intake.refusal import Reason
from streams.replay import Plan, plan, replay
from tests.unit.intake.stock_profile import GOOD, lager, table

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LAGER = lager()
ACME = Feed("acme", frozenset({"BSL", "VIS"}))


def counted(day: str, lot: str = "L-1", art: str = "X") -> str:
    return GOOD.replace("05.01.2026 08:00", day).replace("L-1", lot).removesuffix("X").replace(";-;", ";5;") + art


def planned(*rows: str) -> Plan:
    return plan(table(*rows), LAGER, ACME, NOW, "bestand.csv")


def lived(of: Plan) -> list[str]:
    """What is published, in order: `line/position of the event` or `tick day`."""
    happened: list[str] = []
    progress: list[tuple[int, int]] = []

    async def publish(partner: str, records: Iterable[FeedRecord]) -> None:
        assert partner == "acme"
        happened.extend(map(told, records))

    def hear(done: int, total: int, at: datetime) -> None:
        progress.append((done, total))

    asyncio.run(replay(of, LAGER, publish=publish, progress=hear))
    assert progress[-1:] in ([], [(len(happened), len(happened))])
    return happened


def told(record: FeedRecord) -> str:
    headers = dict(record.headers)
    if headers["content-type"] == TICK.encode():
        return f"tick {datetime.fromisoformat(record.value.decode()):%m-%d %H:%M}"
    return f"{headers[feed_record.LINE].decode()}/{headers.get(feed_record.EVENT, b'?').decode()}"


def test_events_go_out_day_by_day_in_the_order_of_their_times_each_day_ended_by_a_tick() -> None:
    late, noon = counted("08.01.2026 09:00", "L-2"), counted("05.01.2026 12:00", "L-3")
    assert lived(planned(late, noon, counted("05.01.2026 08:00", "L-1", "QS"))) == [
        "4/0", "4/1", "3/0", "tick 01-06 00:00", "tick 01-07 00:00", "tick 01-08 00:00",
        "2/0", "tick 01-09 00:00",
    ]  # fmt: skip


def test_refused_rows_go_first_and_whole() -> None:
    of = planned(GOOD, "nonsense", counted("05.01.2026 09:00").replace("1.234,5", "9.999.999.999.999.999.999,0"))
    assert (of.rows, of.accepted) == (3, 1)
    assert of.refused_by_reason == {"bad_row": 1, "bad_field": 1}
    assert lived(of)[:3] == ["3/?", "4/?", "2/0"]


def test_a_row_of_a_site_that_is_not_in_the_network_is_refused() -> None:
    of = plan(table(GOOD, GOOD.replace("Basel", "Visp")), LAGER, Feed("acme", frozenset({"BSL"})), NOW, "bestand.csv")
    assert [one.refusal.reason for one in of.refused] == [Reason.UNKNOWN_SITE]


def test_a_file_without_rows_is_over_at_once() -> None:
    assert lived(planned()) == []
