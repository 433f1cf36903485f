"""What people do with dead letters: look, put back, give up. Each letter once, by whom and why."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from alerting.life.people import Person
from streams.dead_letters import fates
from streams.dead_letters.letter import Letter, letter
from streams.dead_letters.replay import plan, put_back, putting
from streams.dead_letters.topic import opened
from streams.settings import Settings
from tests.integration.dead_letters.office import BAD, Office
from tests.integration.intake.partner_topics import Record
from tests.servers import Broker, EmbeddedBroker
from tests.unit.intake.partner_events import stock_report, text

INBOUND = "cdmo.acme.inbound"
ADA = Person(name="Ada", authenticated="cli", zone="UTC", source="console")


@pytest.fixture
def office(broker: Broker, sqlite_url: str) -> Iterator[Office]:
    with_letters = Office(broker, sqlite_url)
    yield with_letters
    with_letters.engine.dispose()


@pytest.fixture
def at_hand(embedded: EmbeddedBroker, database_url: str) -> Iterator[Office]:
    with_letters = Office(embedded, database_url)
    yield with_letters
    with_letters.engine.dispose()


def test_the_open_letters_are_listed_and_counted(office: Office) -> None:
    office.refuse()
    found = office.json("dlq", "list", "acme")
    assert [(one["offset"], one["reason"]) for one in found["letters"]] == [
        (3, "unknown_site"), (2, "unknown_type"), (1, "bad_json"), (0, "unknown_site"),
    ]  # fmt: skip
    (acme,) = found["partners"]
    assert (acme["letters"], acme["open"], acme["replayed"], acme["discarded"]) == (4, 4, 0, 0)
    assert acme["bytes"] > sum(len(value) for value, _ in BAD)
    assert acme["oldest_open_age_seconds"] >= 0
    by_reason = office.json("dlq", "list", "acme", "--by", "reason")
    assert by_reason["counts"] == {"acme": {"unknown_site": 2, "bad_json": 1, "unknown_type": 1}}
    assert b"unknown_site" in office.bellwether("dlq", "list", "acme")


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        (["--with-reason", "bad_json", "--with-reason", "unknown_type"], {1, 2}),
        (["--place", "$.siteid"], {0, 3}),
        (["--place", "too early"], {1}),
        (["--family", "raw_material"], {0, 3}),
        (["--family", "unknown"], {1}),
        (["--mapping", "cloudevents"], {0, 1, 2, 3}),
        (["--mapping", "cloudevents@2"], set()),
        (["--since", "2020-01-01"], {0, 1, 2, 3}),
        (["--before", "2020-01-01"], set()),
        (["--state", "discarded"], set()),
    ],
)
def test_letters_are_chosen_by_what_is_said_of_them(
    embedded: EmbeddedBroker, sqlite_url: str, options: list[str], meant: set[int]
) -> None:
    office = Office(embedded, sqlite_url)
    office.refuse()
    assert {one["offset"] for one in office.json("dlq", "list", "acme", *options)["letters"]} == meant
    office.engine.dispose()


def test_a_letter_is_shown_as_it_came(office: Office) -> None:
    office.refuse()
    shown = office.json("dlq", "show", "acme", "1")
    assert (shown["value"], shown["key"]) == ({"text": '{"no'}, {"text": "key"})
    assert ["traceparent", {"base64": "MDAt/w=="}] in shown["headers"]
    assert shown["first"] == {"place": f"{INBOUND}/0/1", "at": "2026-01-31T00:00:00.123000Z"}
    assert office.bellwether("dlq", "show", "acme", "1", "--raw") == b'{"no'
    assert b"line 1, column 5" in office.bellwether("dlq", "show", "acme", "1")
    assert office.bellwether("dlq", "show", "acme", "99", code=1) == b""


def test_letters_are_put_back_as_they_came_and_only_once(office: Office) -> None:
    office.refuse(timestamp=now())
    planned = office.json("dlq", "replay", "acme", "--reason", "mended", "--dry-run")
    assert (planned["wanted"], planned["replayed"]) == (4, 0)
    assert office.lying_in(INBOUND) == []
    done = office.json("dlq", "replay", "acme", "--reason", "mended", "--as", "Ada")
    assert done["replayed"] == 4
    back = office.lying_in(INBOUND)
    assert [(record.key, record.value) for record in back] == [(b"key", value) for value, _ in BAD]
    for number, record in enumerate(back):
        *own, (name, whence) = record.headers
        assert [header for header, _ in own] == ["content-type", "traceparent"]
        assert name == "bellwether.replayed"
        assert whence.startswith(f"{INBOUND}/0/{number} 20".encode())
    assert office.json("dlq", "replay", "acme", "--reason", "again")["replayed"] == 0
    assert len(office.lying_in(INBOUND)) == 4
    assert office.json("dlq", "list", "acme")["letters"] == []
    (first, *_) = office.json("dlq", "list", "acme", "--state", "replayed")["letters"]
    assert (first["fate"]["by"], first["fate"]["reason"]) == ("Ada", "mended")


def test_letters_that_are_given_up_are_neither_listed_nor_put_back(at_hand: Office) -> None:
    at_hand.refuse(timestamp=now())
    gone = at_hand.json("dlq", "discard", "acme", "--with-reason", "unknown_site", "--reason", "tests of theirs")
    assert gone["discarded"] == 2
    assert {one["offset"] for one in at_hand.json("dlq", "list", "acme")["letters"]} == {1, 2}
    assert at_hand.json("dlq", "replay", "acme", "--reason", "mended")["replayed"] == 2
    assert [record.value for record in at_hand.lying_in(INBOUND)] == [BAD[1][0], BAD[2][0]]


def test_the_trail_says_who_decided_on_which_letters_and_why(at_hand: Office) -> None:
    at_hand.refuse(timestamp=now())
    at_hand.json("dlq", "discard", "acme", "--offset", "1", "--reason", "broken", "--as", "Ada")
    at_hand.json("dlq", "replay", "acme", "--reason", "mended", "--as", "Bob")
    discarded, replayed = at_hand.trail()
    assert (discarded.actor, discarded.action, discarded.reason) == ("Ada", "dead_letters.discarded", "broken")
    assert discarded.new["offsets"] == [[1, 1]]
    assert (replayed.actor, replayed.action, replayed.reason) == ("Bob", "dead_letters.replayed", "mended")
    assert replayed.new["offsets"] == [[0, 0], [2, 3]]


def test_letters_of_records_that_came_late_among_others_go_back_in_the_order_of_their_arrival(at_hand: Office) -> None:
    values = [text(stock_report(id=f"evt-{number}", siteid="nowhere")) for number in range(6)]
    at_hand.refuse(values, timestamp=now())
    at_hand.json("dlq", "replay", "acme", "--offset", "1", "--offset", "3", "--reason", "a try")
    put_back = at_hand.lying_in(INBOUND)
    at_hand.take([Record(r.offset + 100, r.key, r.value, r.headers, now()) for r in put_back])  # and refused again
    assert [one["first"]["place"] for one in at_hand.json("dlq", "list", "acme")["letters"]][:2] == [
        f"{INBOUND}/0/3", f"{INBOUND}/0/1",
    ]  # fmt: skip
    assert at_hand.json("dlq", "replay", "acme", "--reason", "mended")["replayed"] == 6
    assert [record.value for record in at_hand.lying_in(INBOUND)[2:]] == values


def test_what_may_be_no_more_known_as_a_repeat_is_put_back_only_if_one_insists(at_hand: Office) -> None:
    at_hand.refuse(timestamp=1_500_000_000_000)
    done = at_hand.json("dlq", "replay", "acme", "--reason", "mended")
    assert (done["replayed"], done["too_old"]) == (0, [0, 1, 2, 3])
    assert at_hand.json("dlq", "replay", "acme", "--reason", "mended", "--beyond-memory")["replayed"] == 4


def test_a_letter_whose_end_is_lost_is_not_put_back(at_hand: Office) -> None:
    at_hand.refuse([b"x" * 3_000_000], timestamp=now())
    done = at_hand.json("dlq", "replay", "acme", "--reason", "mended")
    assert (done["wanted"], done["cut"]) == (0, [0])


def test_a_step_that_is_cut_off_is_not_written_down_and_done_again(at_hand: Office) -> None:
    at_hand.refuse(timestamp=now())
    told = Settings(kafka=f"embedded@{at_hand.broker.bootstrap}")
    decision = fates.Decision(fates.REPLAYED, ADA, "mended", "a run")

    def replay(cut_off: bool) -> int:
        with opened(told, "acme") as topic, putting(told, "acme") as put:
            planned = plan(map(letter, topic.records()), datetime.now(UTC), beyond_memory=False)

            def put_and_die(letters: Sequence[Letter]) -> None:
                put(letters)
                if cut_off:
                    raise KeyboardInterrupt

            return put_back(at_hand.engine, topic, "acme", planned.wanted, decision, put_and_die, lambda n: None)

    with pytest.raises(KeyboardInterrupt):
        replay(cut_off=True)
    assert len(at_hand.json("dlq", "list", "acme")["letters"]) == 4
    assert at_hand.trail() == []
    assert replay(cut_off=False) == 4
    assert replay(cut_off=False) == 0
    assert [record.value for record in at_hand.lying_in(INBOUND)] == 2 * [value for value, _ in BAD]


def test_two_who_decide_on_the_same_letters_decide_once(at_hand: Office) -> None:
    def decided(by: str) -> list[int]:
        decision = fates.Decision(fates.REPLAYED, ADA, "mended", by)
        with at_hand.engine.begin() as connection:
            return fates.decide(connection, "acme", "topic", [3, 1, 2], decision, datetime.now(UTC))

    asked: list[Callable[[], list[int]]] = [lambda: decided("Ada"), lambda: decided("Bob")]
    assert [ask() for ask in asked] == [[3, 1, 2], []]


def now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)
