"""A journal adds facts up in the order of their reports, whatever the order in which they come."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ledger.entity import Entity, Share, pack, unpack
from streams.ledger.fact import Fact
from streams.ledger.journal import MEMORY, Journal


def fact(recorded, sequence=-1, source="erp", said=None, **ways):
    """A fact with an identity of its own."""
    number = ways.pop("number", recorded)
    return Fact(recorded, sequence, number, source, str(number), said or {}, **ways)


def counted(recorded, qty, **order):
    return fact(recorded, said={"qty": qty, "counted": True}, **order)


def moved(recorded, qty, **order):
    return fact(recorded, add={"qty": qty}, **order)


def journal(*facts):
    made = Journal()
    for one in facts:
        made.enter(one)
    return made


def reloaded(made):
    """The journal as another worker would find it."""
    entity, other = (Entity("lot", "BSL/L-1", "acme", "BSL", one) for one in (made, Journal()))
    unpack(other, pack(entity))
    return other.journal


def test_an_empty_journal_says_nothing():
    assert (Journal().state, Journal().count, Journal().events()) == ({}, 0, [])


def test_the_newest_report_stands_whenever_it_came():
    assert journal(counted(2, 7), counted(1, 99)).state["qty"] == 7


def test_amounts_add_to_the_last_count_before_them():
    assert journal(moved(3, -2), counted(2, 7), moved(1, 50)).state["qty"] == 5


def test_amounts_add_up_from_nothing_where_nothing_was_counted():
    assert journal(moved(2, -2), moved(1, 5)).state["qty"] == 3


def test_amounts_are_kept_to_a_millionth():
    assert journal(*(moved(n, 0.1) for n in range(1, 4))).state["qty"] == 0.3


def test_what_holds_first_holds_where_nothing_was_said_before():
    plans = [fact(n, said={"plan": n}, first={"first_plan": n}) for n in (2, 1, 3)]
    assert journal(*plans).state == {"plan": 3, "first_plan": 1}


def test_entries_are_put_into_maps_and_the_newest_of_a_key_stands():
    tests = [fact(2, put={"tests": {"pH": "pass"}}), fact(1, put={"tests": {"pH": "fail", "assay": "pass"}})]
    assert journal(*tests).state == {"tests": {"pH": "pass", "assay": "pass"}}


def test_a_fact_enters_once():
    made = journal(moved(1, 5), moved(2, 5))
    assert [made.enter(moved(n, 5)) for n in (1, 2)] == [False, False]
    assert (made.state["qty"], made.count) == (10, 2)


def test_what_one_event_said_is_never_changed_by_the_next():
    first = fact(1, said={"status": "released"}, put=None)
    journal(first, fact(2, said={"status": "rejected"}))
    assert first.set == {"status": "released"}


def test_the_sequence_decides_while_all_facts_have_one_of_one_source():
    assert journal(counted(1, 7, sequence=2), counted(2, 99, sequence=1)).state["qty"] == 7


@pytest.mark.parametrize("other", [{"source": "mes", "sequence": 3}, {"sequence": -1}])
def test_the_time_of_recording_decides_as_soon_as_one_fact_shares_no_sequence(other):
    made = journal(counted(1, 7, sequence=2), counted(2, 99, sequence=1), fact(3, **other))
    assert made.state["qty"] == 99


def test_the_sequence_decides_again_when_what_did_not_share_it_is_withdrawn():
    made = journal(counted(1, 7, sequence=2), counted(2, 99, sequence=1), fact(3))
    made.withdraw(3)
    assert made.state["qty"] == 7


def test_two_reports_of_one_moment_are_told_apart_by_identity():
    one, other = counted(1, 7, number=10), counted(1, 99, number=11)
    assert journal(one, other).state == journal(other, one).state == {"qty": 99, "counted": True}


def test_a_withdrawn_fact_leaves_what_the_others_say():
    made = journal(counted(1, 7), moved(2, 5), moved(3, -1))
    assert made.withdraw(2)
    assert (made.state["qty"], made.count) == (6, 2)


def test_withdrawing_what_is_not_known_changes_nothing():
    made = journal(counted(1, 7))
    assert not made.withdraw(2)
    assert made.state["qty"] == 7


def test_a_journal_whose_facts_are_all_withdrawn_begins_again():
    made = journal(counted(5, 7, sequence=5))
    made.withdraw(5)
    assert (made.state, made.count) == ({}, 0)
    made.enter(moved(1, 3))
    made.enter(moved(2, 3, sequence=1))
    assert made.state["qty"] == 6


def test_the_events_are_told_newest_first():
    assert journal(fact(2), fact(3, source="mes"), fact(1)).events() == ["mes 3", "erp 2", "erp 1"]


def test_any_order_ends_at_the_same_state_while_no_fact_is_forgotten():
    chance = Random(7)
    facts = [chance.choice((counted, moved))(n, chance.randint(0, 9)) for n in range(1, 2 * MEMORY)]
    states = []
    for _ in range(20):
        chance.shuffle(facts)
        states.append(journal(*facts).state)
    assert all(state == states[0] for state in states)


def test_a_journal_goes_on_after_reloading_as_if_nothing_had_been():
    kept = journal(moved(1, 5, sequence=4))
    for number in range(2, 5 * MEMORY):
        late = moved(number - (5 if number % 7 == 0 else 0), 1, number=1000 + number, sequence=number)
        again = reloaded(kept)
        assert kept.enter(late) == again.enter(late)
        assert again.withdraw(1000 + number - 3) == kept.withdraw(1000 + number - 3)
        assert (again.state, again.events(), again.count) == (kept.state, kept.events(), kept.count)
        kept = again if number % 2 else kept


def test_a_reloaded_entity_has_what_it_passed_on_and_what_was_passed_to_it():
    entity = Entity("lot", "BSL/L-1", "acme", "BSL", journal(counted(1, 7)))
    entity.shares = (Share(("material", "BSL/API-1"), "U ", 7_000_000),)
    entity.tally({"U 2026-01-05": 5, "Q ": -3})
    entity.remember("erp 1")
    entity.remember("erp 2")
    other = Entity("lot", "BSL/L-1", "acme", "BSL", Journal())
    unpack(other, pack(entity))
    assert (other.shares, other.tallies, other.recent) == (entity.shares, entity.tallies, entity.recent)


def test_a_tally_that_comes_to_nothing_is_forgotten():
    entity = Entity("material", "BSL/API-1", "acme", "BSL", Journal())
    entity.tally({"U ": 5})
    entity.tally({"U ": -5})
    assert entity.tallies == {}


_said = st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), max_size=3)
_facts = st.builds(
    fact,
    st.integers(1, 400),
    st.one_of(st.just(-1), st.integers(0, 400)),
    source=st.sampled_from(["erp", "erp", "erp", "mes"]),
    said=_said,
    add=st.one_of(st.none(), st.dictionaries(st.sampled_from("ab"), st.integers(-9, 9), max_size=2)),
    first=st.one_of(st.none(), _said),
    put=st.one_of(st.none(), st.just({"tests": {"pH": "pass"}})),
    number=st.integers(0, 10_000),
)


@given(st.lists(st.tuples(st.booleans(), st.lists(_facts, min_size=1, max_size=150)), max_size=4), st.booleans())
def test_facts_that_enter_together_enter_as_one_by_one(batches, numbered):
    together, one_by_one = Journal.blank(), Journal.blank()
    for in_order, batch in batches:
        facts = (
            [msgspec.structs.replace(f, source="erp", sequence=abs(f.sequence)) for f in batch] if numbered else batch
        )
        if in_order:
            facts.sort(key=lambda f: f.sequence if numbered else f.recorded)
        entered = [one_by_one.enter(f) for f in facts]
        assert together.enter_all(facts) == any(entered)
        pair = [Entity("lot", "BSL/L-1", "acme", "BSL", made) for made in (together, one_by_one)]
        again = [reloaded(made.journal) for made in pair]
        for made, other in ((together, one_by_one), (again[0], again[1]), (together, again[0])):
            for name in ("facts", "by_sequence", "base", "base_count", "base_newest", "base_at", "state"):
                assert getattr(made, name) == getattr(other, name), name


# Beyond what a journal remembers -----------------------------------------------------------------------------------------


def full(*ways, facts=2 * MEMORY):
    """A journal that has just folded its oldest facts into its base."""
    return journal(*(way(n) for n in range(100, 100 + facts) for way in ways))


def test_the_newest_facts_stay_and_the_oldest_become_the_base():
    made = full(lambda n: moved(n, 1))
    assert (len(made.facts), made.base_count, made.base["qty"]) == (MEMORY, MEMORY, MEMORY)
    assert (made.state["qty"], made.count) == (2 * MEMORY, 2 * MEMORY)


def test_what_the_base_holds_can_no_longer_be_withdrawn():
    made = full(lambda n: moved(n, 1))
    assert not made.withdraw(100)
    assert made.withdraw(100 + MEMORY)
    assert made.state["qty"] == 2 * MEMORY - 1


def test_a_fact_that_is_known_whole_can_be_taken_back_from_the_base_too():
    made = full(lambda n: fact(n, add={"qty": n}, put={"weeks": {str(n): n}}))
    before = made.state["qty"]
    taken = fact(100, add={"qty": 100}, put={"weeks": {"100": 100}})
    for again in (made, reloaded(made)):
        again.take_back(taken)
        assert (again.state["qty"], again.count) == (before - 100, 2 * MEMORY - 1)
        assert set(again.state["weeks"]) == {str(n) for n in range(101, 100 + 2 * MEMORY)}


def test_taking_back_an_amount_that_a_count_in_the_base_has_seen_changes_nothing():
    made = journal(moved(50, 5), counted(60, 7), *(moved(n, 1) for n in range(100, 100 + 2 * MEMORY)))
    made.take_back(moved(50, 5))
    assert made.state["qty"] == 7 + 2 * MEMORY


def test_a_fact_later_than_the_base_still_finds_its_place():
    made = full(lambda n: fact(2 * n, said={"status": n}))
    made.enter(fact(2 * (100 + MEMORY) + 1, said={"status": "late"}, number=1))
    assert made.state["status"] == 100 + 2 * MEMORY - 1


def test_a_fact_older_than_the_base_says_only_what_nobody_said_since():
    made = full(lambda n: fact(n, said={"status": n}))
    made.enter(fact(1, said={"status": "old", "supplier": "S-1"}))
    assert (made.state["status"], made.state["supplier"]) == (100 + 2 * MEMORY - 1, "S-1")


def test_of_two_facts_older_than_the_base_the_newer_stands_whichever_came_first():
    for late in ((1, 2), (2, 1)):
        made = full(lambda n: moved(n, 1))
        for number in late:
            made.enter(fact(number, said={"status": number}))
        assert made.state["status"] == reloaded(made).state["status"] == 2


def test_a_fact_older_than_the_base_stands_where_the_base_says_only_older_things():
    made = journal(fact(1, said={"status": "old"}), *(moved(n, 1) for n in range(100, 100 + 2 * MEMORY)))
    made.enter(fact(50, said={"status": "newer"}))
    assert made.state["status"] == "newer"


def test_a_count_older_than_movements_in_the_base_cannot_be_told_apart_from_them():
    made = full(lambda n: moved(n, 1))
    made.enter(counted(1, 1000))
    assert made.state["qty"] == 2 * MEMORY


def test_an_amount_older_than_the_base_counts_unless_a_count_has_seen_it():
    uncounted = full(lambda n: moved(n, 1))
    uncounted.enter(moved(1, 1000))
    assert uncounted.state["qty"] == 1000 + 2 * MEMORY
    seen = journal(counted(50, 7), *(moved(n, 1) for n in range(100, 100 + 2 * MEMORY)))
    seen.enter(moved(1, 1000))
    assert seen.state["qty"] == 7 + 2 * MEMORY


def test_an_entry_older_than_the_base_does_not_take_the_place_of_a_newer_one():
    made = full(lambda n: fact(n, put={"weeks": {"W01": n}}))
    made.enter(fact(1, put={"weeks": {"W01": "old", "W02": "old"}}))
    assert made.state["weeks"] == {"W01": 100 + 2 * MEMORY - 1, "W02": "old"}
