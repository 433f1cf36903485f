"""Who may do what on Kafka: the users and ACLs that a network needs, what a broker has, and the difference. Pure.

A partner may write its own inbound topic, and nothing else. Names are literal, not prefixed: the prefix `cdmo.acme` would
reach `cdmo.acme2.inbound` too, and `cdmo.acme.` the partner's own dead letters. Kafka derives the right to describe from
those to read and to write, and since version 3.0 that to write with a producer id from any right to write (KIP-679).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from streams.topics import EVENTS_TOPIC, dead_letters, inbound

EVERYBODY: Final = "User:*"
PARTNERS: Final = "cdmo."
"""What the name of a partner's user begins with, like its topics."""


class Resource(StrEnum):
    TOPIC = "topic"
    GROUP = "group"
    CLUSTER = "cluster"
    TRANSACTIONAL_ID = "transactional-id"
    DELEGATION_TOKEN = "delegation-token"  # noqa: S105 - a kind of resource
    USER = "user"


class Pattern(StrEnum):
    LITERAL = "literal"
    PREFIXED = "prefixed"


class Operation(StrEnum):
    """As Kafka's own tools write them."""

    ALL = "All"
    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DELETE = "Delete"
    ALTER = "Alter"
    DESCRIBE = "Describe"
    CLUSTER_ACTION = "ClusterAction"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"
    IDEMPOTENT_WRITE = "IdempotentWrite"
    CREATE_TOKENS = "CreateTokens"
    DESCRIBE_TOKENS = "DescribeTokens"


class Grant(NamedTuple):
    """An ACL. `principal` as Kafka writes it (`User:name`)."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL
    allows: bool = True
    host: str = "*"

    def __str__(self) -> str:
        which = f"{self.resource} {self.name}" + ("*" if self.pattern is Pattern.PREFIXED else "")
        return f"{self.principal} {'may' if self.allows else 'must not'} {self.operation} {which}"

    def reaches(self, resource: Resource, name: str) -> bool:
        """Whether it speaks of this resource."""
        if self.resource is not resource:
            return False
        begins = self.pattern is Pattern.PREFIXED and name.startswith(self.name)
        return begins or self.name in (name, "*")


class Access(NamedTuple):
    """Users with SCRAM-SHA-512 credentials, and ACLs: as they should be, or as a broker has them."""

    users: frozenset[str]
    grants: frozenset[Grant]


class Fault(StrEnum):
    NO_USER = "no_user"
    NO_GRANT = "no_grant"
    EXTRA_GRANT = "extra_grant"
    GONE = "gone"
    DENIED = "denied"
    OPEN = "open"


_MENDED: Final = frozenset({Fault.NO_USER, Fault.NO_GRANT, Fault.EXTRA_GRANT})


class Difference(NamedTuple):
    """One thing that differs. `subject`: the user or principal; `grant`: the ACL it is about, if it is about one."""

    subject: str
    fault: Fault
    message: str
    grant: Grant | None = None

    def __str__(self) -> str:
        return f"{self.subject} {self.message}"

    def repairable(self, *, prune: bool) -> bool:
        """True where `apply` mends it; with `prune` also what those who left still have."""
        return self.fault in _MENDED or (prune and self.fault is Fault.GONE)


def partner_user(partner: str) -> str:
    """The name that a partner logs in by."""
    return f"{PARTNERS}{partner}"


def role_user(instance: str, role: str) -> str:
    """The name that a process of the service logs in by: `bellwether-intake`."""
    return f"{instance}-{role}"


def wanted(
    partners: Iterable[str], *, instance: str, dead_letter_readers: Collection[str] = (), one_user: bool = False
) -> Access:
    """What a network needs. `dead_letter_readers`: partners that may read their own dead letters.

    `one_user`: the service runs as one process with one user, named like the instance, in the place of one a role.
    """
    codes = sorted(partners)
    granted: dict[str, list[tuple[Resource, str, tuple[Operation, ...]]]] = {
        partner_user(code): _of_partner(code, reads_letters=code in dead_letter_readers) for code in codes
    }
    roles = _of_roles(codes, instance)
    operator = roles.pop("operator")
    if one_user:
        granted[instance] = [right for rights in roles.values() for right in rights]
    else:
        granted |= {role_user(instance, role): rights for role, rights in roles.items()}
    granted[role_user(instance, "operator")] = operator
    return Access(
        frozenset(granted),
        frozenset(
            Grant(f"User:{user}", operation, resource, name)
            for user, rights in granted.items()
            for resource, name, operations in rights
            for operation in operations
        ),
    )


_Rights = list[tuple[Resource, str, tuple[Operation, ...]]]


def _of_partner(code: str, *, reads_letters: bool) -> _Rights:
    rights: _Rights = [(Resource.TOPIC, inbound(code), (Operation.WRITE,))]
    if reads_letters:
        rights.append((Resource.TOPIC, dead_letters(code), (Operation.READ,)))
    return rights


def _of_roles(codes: Sequence[str], instance: str) -> dict[str, _Rights]:
    """The least that each role needs. The dispatcher needs no Kafka.

    The intake writes inbound topics too: rows of dropped files and webhooks take their way through them; and it reads dead
    letters, to tell how old they are. The operator is who runs the commands: `status`, `dlq`, `mapping`, `archive`,
    `replay` and `rules backtest`; it joins no group.
    """
    read, write = (Operation.READ,), (Operation.WRITE,)
    events = Resource.TOPIC, EVENTS_TOPIC
    came = [(Resource.TOPIC, inbound(code)) for code in codes]
    letters = [(Resource.TOPIC, dead_letters(code)) for code in codes]
    both = (Operation.READ, Operation.WRITE)
    return {
        "intake": [
            (Resource.GROUP, f"{instance}-intake", read),
            *((*topic, both) for topic in came),
            *((*topic, both) for topic in letters),
            (*events, write),
        ],
        "ledger": [(Resource.GROUP, f"{instance}-ledger", read), (*events, read)],
        "archive": [(Resource.GROUP, f"{instance}-archive", read), *((*topic, read) for topic in came), (*events, read)],
        "operator": [*((*topic, both) for topic in came), *((*topic, read) for topic in letters), (*events, read)],
    }  # fmt: skip


def compare(want: Access, found: Access, partners: Collection[str], instance: str) -> tuple[Difference, ...]:
    """What differs, and what is dangerous, in the order of the names.

    ACLs of others are theirs and are left alone, unless they open something of ours to everybody.
    """
    ours = {f"User:{user}" for user in want.users}
    return (
        *(Difference(user, Fault.NO_USER, "has no SCRAM-SHA-512 credentials") for user in sorted(want.users - found.users)),
        *(Difference(one.principal, Fault.NO_GRANT, f"may not yet {_what(one)}", one)
          for one in sorted(want.grants - found.grants)),
        *_too_much(want, found, ours),
        *_gone(found, ours, instance),
        *_open(found, partners, instance),
    )  # fmt: skip


def _too_much(want: Access, found: Access, ours: Collection[str]) -> Iterable[Difference]:
    for one in sorted(found.grants - want.grants):
        if one.principal not in ours:
            continue
        if one.allows:
            yield Difference(one.principal, Fault.EXTRA_GRANT, f"may {_what(one)}, which it does not need", one)
        else:
            message = f"is denied to {_what(one)} by somebody else's ACL. Take it away by hand if it is not meant."
            yield Difference(one.principal, Fault.DENIED, message, one)


def _gone(found: Access, ours: Collection[str], instance: str) -> Iterable[Difference]:
    """Users like ours that nothing in the network stands for: a partner that left, or one of another instance."""
    left = {f"User:{user}" for user in found.users if _is_like_ours(user, instance)} | {
        one.principal for one in found.grants if _is_like_ours(one.principal.removeprefix("User:"), instance)
    }
    for principal in sorted(left - set(ours)):
        message = "is no partner of this network and no role: run `bellwether topics apply --acls --prune` if it left"
        yield Difference(principal.removeprefix("User:"), Fault.GONE, message)


def _is_like_ours(user: str, instance: str) -> bool:
    return user.startswith(PARTNERS) or user in {
        instance, *(role_user(instance, role) for role in ("intake", "ledger", "archive", "operator")),
    }  # fmt: skip


def _open(found: Access, partners: Collection[str], instance: str) -> Iterable[Difference]:
    """What everybody who can log in may do to something of ours."""
    topics = [EVENTS_TOPIC, *(name for code in partners for name in (inbound(code), dead_letters(code)))]
    things = [(Resource.TOPIC, name) for name in topics]
    things += [(Resource.GROUP, f"{instance}-{role}") for role in ("intake", "ledger", "archive")]
    things.append((Resource.CLUSTER, "kafka-cluster"))
    for one in sorted(found.grants):
        if one.principal == EVERYBODY and one.allows and any(one.reaches(*thing) for thing in things):
            message = f"may {_what(one)}: every partner may, then. Take it away with kafka-acls.sh."
            yield Difference(one.principal, Fault.OPEN, message, one)


def _what(grant: Grant) -> str:
    return str(grant).split(" may " if grant.allows else " must not ", 1)[1]


def commands(want: Access, *, bootstrap: str, folder: str) -> tuple[str, ...]:
    """A shell script that makes users and ACLs with Kafka's own tools, for those who let nobody else do it.

    It names no password: it makes each one in a file of `folder`, where there is none yet, and hands over the file.
    `$ADMIN` is the properties file by which the tools log in.
    """
    tools = f'--bootstrap-server {bootstrap} --command-config "$ADMIN"'
    lines = ["set -eu", "umask 077", f"mkdir -p {_quoted(folder)}"]
    for user in sorted(want.users):
        file = _quoted(f"{folder}/{user}")
        lines += [
            f"[ -s {file} ] || openssl rand -hex 32 > {file}",
            f"printf 'SCRAM-SHA-512=[password=%s]\\n' \"$(cat {file})\" > {_quoted(f'{folder}/{user}.properties')}",
            f"kafka-configs.sh {tools} --alter --entity-type users --entity-name {_quoted(user)} "
            f"--add-config-file {_quoted(f'{folder}/{user}.properties')}",
            f"rm {_quoted(f'{folder}/{user}.properties')}",
        ]  # fmt: skip
    for (principal, resource, name), operations in sorted(_together(want.grants).items()):
        asked = " ".join(f"--operation {one}" for one in sorted(operations))
        lines.append(
            f"kafka-acls.sh {tools} --add --allow-principal {_quoted(principal)} {asked} "
            f"--{resource} {_quoted(name)} --resource-pattern-type literal"
        )
    return tuple(lines)


def _together(grants: Iterable[Grant]) -> Mapping[tuple[str, Resource, str], set[Operation]]:
    found: dict[tuple[str, Resource, str], set[Operation]] = {}
    for one in grants:
        found.setdefault((one.principal, one.resource, one.name), set()).add(one.operation)
    return found


def _quoted(text: str) -> str:
    """For a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
