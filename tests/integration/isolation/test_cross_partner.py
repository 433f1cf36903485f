"""No partner reads, writes, sees or changes what is not its own. The test prints every attempt with its outcome."""

from collections import Counter
from collections.abc import Iterator

import pytest

from streams.topics import EVENTS_TOPIC, TopicAdmin, dead_letters, inbound
from tests.integration.cli.test_commands import bellwether
from tests.integration.isolation.attempts import Act, Attempt, Login
from tests.integration.isolation.conftest import PARTNERS, Secured
from tests.integration.isolation.secured_kafka import ADMIN

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1800)]

GROUPS = ("bellwether-intake", "bellwether-ledger", "bellwether-archive")
TOPICS = (EVENTS_TOPIC, *(name for code in PARTNERS for name in (inbound(code), dead_letters(code))))
SEEN = frozenset({"find in the list", "describe", "read its offsets"})
"""What the right to write a topic lets a client do besides: it has to find the topic's leader."""


@pytest.fixture(scope="module")
def filled(secured: Secured) -> Secured:
    """Every topic holds a record, and every group an offset: there is something to take."""
    with Login(secured.kafka.bootstrap, ADMIN, secured.kafka.client()) as admin:
        for topic in TOPICS:
            assert all(admin.attempt(what, topic, act).succeeded for what, act in admin.writes(topic))
        for group in GROUPS:
            acts = dict(admin.of_group(group, EVENTS_TOPIC))
            assert admin.attempt("join", group, acts["join"]).succeeded
            assert admin.attempt("set the offsets of", group, acts["set the offsets of"]).succeeded
    return secured


def test_none_of_a_partners_attempts_on_what_is_not_its_own_succeeds(filled: Secured) -> None:
    before = _held(filled)
    made = [attempt for code in PARTNERS for attempt in _all_by(filled, code)]
    _print(made)
    assert [attempt for attempt in made if attempt.succeeded] == []
    assert _held(filled) == before
    checked = bellwether(filled.folder, "topics", "check", "--acls", **filled.settings())
    assert checked.returncode == 0, checked.stdout
    assert len(made) == 3 * (6 * 14 + 12 - len(SEEN) + 3 * 7 + 2 * 7 + 12)


def test_a_partner_may_write_its_own_inbound_topic(filled: Secured) -> None:
    for code in PARTNERS:
        with Login(filled.kafka.bootstrap, f"cdmo.{code}", filled.login(f"cdmo.{code}")) as partner:
            acts = {**dict(partner.writes(inbound(code))), **dict(partner.reads(inbound(code)))}
            tried = [partner.attempt(what, inbound(code), act) for what, act in acts.items()]
            assert {one.what for one in tried if one.succeeded} == {"write", "write once", *SEEN}


def test_the_same_attempts_succeed_for_one_who_may(filled: Secured) -> None:
    """Else the others would prove nothing: an attempt that is made wrongly is refused to everybody."""
    with Login(filled.kafka.bootstrap, ADMIN, filled.kafka.client()) as admin:
        cluster = dict(admin.of_cluster("scratch"))
        first = "set the password of another at"
        made = [admin.attempt(what, "the cluster", cluster[what]) for what in (first, *cluster)]
        topic = "scratch.copy"
        for acts in (admin.writes(topic), admin.in_a_transaction(topic), admin.reads(topic)):
            made += [admin.attempt(what, topic, act) for what, act in acts]
        made += [admin.attempt(what, "group scratch", act) for what, act in _made_first(admin, topic)]
        made += [admin.attempt(what, topic, act) for what, act in admin.changes(topic)]
    _print(made)
    assert [attempt for attempt in made if not attempt.succeeded] == []


def _held(secured: Secured) -> dict[str, int]:
    """The records of each topic, by their last offsets."""
    with TopicAdmin(secured.kafka.bootstrap, secured.kafka.client()) as admin:
        return {topic: sum(admin.end_offsets(topic).values()) for topic in TOPICS}


def _all_by(secured: Secured, code: str) -> list[Attempt]:
    user, own = f"cdmo.{code}", inbound(code)
    others = [one for one in PARTNERS if one != code]
    with Login(secured.kafka.bootstrap, user, secured.login(user)) as partner:
        made: list[Attempt] = []
        for topic in TOPICS:
            acts = [*partner.in_a_transaction(topic), *partner.reads(topic), *partner.changes(topic)]
            if topic != own:
                acts = [*partner.writes(topic), *acts]
            made += [partner.attempt(what, topic, act) for what, act in acts if topic != own or what not in SEEN]
        for group in (*GROUPS, *(f"cdmo.{other}" for other in others)):
            made += [partner.attempt(what, f"group {group}", act) for what, act in partner.of_group(group, own)]
        made += [partner.attempt(what, "the cluster", act) for what, act in partner.of_cluster(f"cdmo.{others[0]}")]
    return made


def _made_first(admin: Login, topic: str) -> Iterator[tuple[str, Act]]:
    """The group has to be there before it is found."""
    acts = dict(admin.of_group("scratch", topic))
    yield "set the offsets of", acts["set the offsets of"]
    yield from acts.items()


def _print(made: list[Attempt]) -> None:
    print(f"\n{len(made)} attempts, {sum(one.succeeded for one in made)} succeeded")
    for outcome, count in sorted(Counter(one.outcome for one in made).items()):
        print(f"  {count:4} {outcome}")
    for one in made:
        print(f"{one.who:14} {one.what:45} {one.on:28} {one.outcome}")
