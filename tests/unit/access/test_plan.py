"""What a network needs of Kafka, and how it differs from what a broker has."""

from hypothesis import given
from hypothesis import strategies as st

from streams.access import (
    EVERYBODY,
    Access,
    Fault,
    Grant,
    Operation,
    Pattern,
    Resource,
    commands,
    compare,
    wanted,
)
from streams.topics import EVENTS_TOPIC, dead_letters, inbound

PARTNERS = ("acme", "acme2", "borealis")
WANT = wanted(PARTNERS, instance="bellwether")
codes = st.sets(st.from_regex(r"[a-z][a-z0-9_-]{0,8}(\.inbound|\.dlq)?", fullmatch=True), min_size=1, max_size=6)


def differences(found: Access, want: Access = WANT) -> list[tuple[str, Fault]]:
    return [(one.subject, one.fault) for one in compare(want, found, PARTNERS, "bellwether")]


def of(user: str, access: Access = WANT) -> set[tuple[Operation, Resource, str]]:
    return {(one.operation, one.resource, one.name) for one in access.grants if one.principal == f"User:{user}"}


@given(codes)
def test_a_partner_reaches_its_own_inbound_topic_and_no_other_thing_whatever_the_codes(partners: set[str]) -> None:
    access = wanted(partners, instance="bellwether")
    things = [
        (Resource.TOPIC, EVENTS_TOPIC),
        (Resource.GROUP, "bellwether-intake"),
        (Resource.CLUSTER, "kafka-cluster"),
    ]
    things += [(Resource.TOPIC, name) for code in partners for name in (inbound(code), dead_letters(code))]
    for code in partners:
        own = [one for one in access.grants if one.principal == f"User:cdmo.{code}"]
        assert [one.operation for one in own] == [Operation.WRITE]
        assert [thing for thing in things if any(one.reaches(*thing) for one in own)] == [
            (Resource.TOPIC, inbound(code))
        ]


@given(codes)
def test_what_is_wanted_does_not_differ_from_itself(partners: set[str]) -> None:
    access = wanted(partners, instance="bellwether")
    assert compare(access, access, partners, "bellwether") == ()


def test_a_partner_reads_its_own_dead_letters_only_where_the_settings_say_so() -> None:
    access = wanted(PARTNERS, instance="bellwether", dead_letter_readers=["acme"])
    assert of("cdmo.acme", access) - of("cdmo.acme") == {(Operation.READ, Resource.TOPIC, "cdmo.acme.dlq")}
    assert of("cdmo.acme2", access) == of("cdmo.acme2")


def test_each_role_has_the_least_that_it_needs() -> None:
    ledger = {
        (Operation.READ, Resource.TOPIC, EVENTS_TOPIC), (Operation.READ, Resource.GROUP, "bellwether-ledger"),
    }  # fmt: skip
    assert of("bellwether-ledger") == ledger
    assert (Operation.READ, Resource.TOPIC, EVENTS_TOPIC) not in of("bellwether-intake")
    assert all(operation is Operation.READ for operation, _, _ in of("bellwether-archive"))
    assert not any(resource is Resource.GROUP for _, resource, _ in of("bellwether-operator"))
    assert not any(one.resource is Resource.CLUSTER for one in WANT.grants)


def test_one_user_for_all_has_what_the_roles_have_together() -> None:
    access = wanted(PARTNERS, instance="bellwether", one_user=True)
    together = of("bellwether-intake") | of("bellwether-ledger") | of("bellwether-archive")
    assert of("bellwether", access) == together
    assert "bellwether-intake" not in access.users


def test_what_is_missing_and_what_is_too_much_is_mended() -> None:
    missing = Grant("User:cdmo.acme", Operation.WRITE, Resource.TOPIC, "cdmo.acme.inbound")
    extra = Grant("User:cdmo.acme", Operation.READ, Resource.TOPIC, "cdmo.", Pattern.PREFIXED)
    found = Access(WANT.users - {"cdmo.acme2"}, WANT.grants - {missing} | {extra})
    told = compare(WANT, found, PARTNERS, "bellwether")
    assert [one.fault for one in told] == [Fault.NO_USER, Fault.NO_GRANT, Fault.EXTRA_GRANT]
    assert all(one.repairable(prune=False) for one in told)
    assert str(told[2]) == "User:cdmo.acme may Read topic cdmo.*, which it does not need"


def test_a_partner_that_left_is_told_of_and_taken_away_only_when_asked() -> None:
    left = Grant("User:cdmo.gone", Operation.WRITE, Resource.TOPIC, "cdmo.gone.inbound")
    (told,) = compare(WANT, Access(WANT.users | {"cdmo.gone"}, WANT.grants | {left}), PARTNERS, "bellwether")
    assert (told.subject, told.fault) == ("cdmo.gone", Fault.GONE)
    assert not told.repairable(prune=False)
    assert told.repairable(prune=True)


def test_a_right_of_everybody_that_reaches_something_of_ours_is_a_fault_and_one_of_another_is_its_own_affair() -> None:
    for name, pattern in (("*", Pattern.LITERAL), ("scrm.", Pattern.PREFIXED), ("cdmo.acme.dlq", Pattern.LITERAL)):
        opened = Grant(EVERYBODY, Operation.READ, Resource.TOPIC, name, pattern)
        assert differences(Access(WANT.users, WANT.grants | {opened})) == [(EVERYBODY, Fault.OPEN)]
    elsewhere = {
        Grant(EVERYBODY, Operation.READ, Resource.TOPIC, "weather"),
        Grant("User:exporter", Operation.DESCRIBE, Resource.TOPIC, EVENTS_TOPIC),
    }
    assert differences(Access(WANT.users | {"exporter"}, WANT.grants | elsewhere)) == []


def test_a_denial_that_somebody_made_is_told_of_and_left() -> None:
    denied = Grant("User:bellwether-ledger", Operation.READ, Resource.TOPIC, EVENTS_TOPIC, allows=False)
    (told,) = compare(WANT, Access(WANT.users, WANT.grants | {denied}), PARTNERS, "bellwether")
    assert told.fault is Fault.DENIED
    assert not told.repairable(prune=True)


def test_the_commands_for_others_name_every_user_and_grant_and_no_password() -> None:
    text = "\n".join(commands(WANT, bootstrap="kafka:9092", folder="users"))
    assert all(f"--entity-name '{user}'" in text for user in WANT.users)
    for one in WANT.grants:
        lines = [
            line
            for line in text.splitlines()
            if f"'{one.principal}'" in line and f"--{one.resource} '{one.name}'" in line
        ]
        assert any(f"--operation {one.operation}" in line for line in lines), one
    assert "password=%s" in text
