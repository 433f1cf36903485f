"""The broker's side of users and ACLs, by kafka-python."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.admin._users import ScramMechanism, UserScramCredentialDeletion, UserScramCredentialUpsertion

from streams.access import Access, Grant, Operation, Pattern, Resource
from streams.topics import TopicAdmin, TopicsRefusedError

MECHANISM: Final = ScramMechanism.SCRAM_SHA_512
ITERATIONS: Final = 8192
"""Of PBKDF2; Kafka takes 4,096 to 16,384. Passwords of our making are random anyway."""

ANY_RESOURCE: Final = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
"""All resources, in a filter of ACLs."""


class AccessAdmin(TopicAdmin):
    """Reads and changes users and ACLs. The user of `client` needs Alter and Describe on the cluster."""

    def access(self) -> Access:
        """All users with SCRAM-SHA-512 credentials, and all ACLs."""
        return Access(
            frozenset(self._ask(self._users, "Kafka does not tell its users")),
            frozenset(self._ask(self._grants, "Kafka does not tell its ACLs")),
        )

    def allow(self, grants: Sequence[Grant]) -> None:
        """Make ACLs. Those that are there already stay as they are."""
        self._ask(partial(self._allow, grants), "Kafka did not take the ACLs")

    def take_away(self, grants: Sequence[Grant]) -> None:
        """Delete exactly these ACLs."""
        self._ask(partial(self._take_away, grants), "Kafka did not delete the ACLs")

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Make users, or give them another password. Only salted hashes go to the broker (RFC 5802)."""
        changes = [
            UserScramCredentialUpsertion(user, MECHANISM, password, iterations=ITERATIONS)
            for user, password in sorted(passwords.items())
        ]
        self._alter(changes)

    def remove(self, users: Iterable[str]) -> None:
        """Take the credentials of users away: they can log in no more."""
        self._alter([UserScramCredentialDeletion(user, MECHANISM) for user in sorted(users)])

    def _alter(self, changes: Sequence[Any]) -> None:
        if not changes:
            return
        told = self._ask(
            lambda: cast("dict[str, str | None]", self._admin.alter_user_scram_credentials(changes)),
            "Kafka did not take the users",
        )
        if refused := [f"{user}: {message}" for user, message in told.items() if message is not None]:
            raise TopicsRefusedError("Kafka refused users: " + "; ".join(refused))

    def _users(self) -> list[str]:
        told = cast("dict[str, dict[str, Any]]", self._admin.describe_user_scram_credentials())
        return [
            user for user, one in told.items() if MECHANISM in {info["mechanism"] for info in one["credential_infos"]}
        ]

    def _grants(self) -> list[Grant]:
        everything = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, ANY_RESOURCE)
        found, _ = cast("tuple[list[Any], Any]", self._admin.describe_acls(everything))
        return [_grant(acl) for acl in found]

    def _allow(self, grants: Sequence[Grant]) -> None:
        told = self._admin.create_acls([_acl(one) for one in grants])
        if told["failed"]:
            raise told["failed"][0]()

    def _take_away(self, grants: Sequence[Grant]) -> None:
        filters = [_acl(one, ACLFilter, ResourcePatternFilter) for one in grants]
        for _, _, error in self._admin.delete_acls(filters):
            if error.errno:
                raise error()


def _acl(grant: Grant, kind: Any = ACL, pattern: Any = ResourcePattern) -> Any:
    return kind(
        grant.principal,
        grant.host,
        ACLOperation[grant.operation.name],
        ACLPermissionType.ALLOW if grant.allows else ACLPermissionType.DENY,
        pattern(ResourceType[grant.resource.name], grant.name, ACLResourcePatternType[grant.pattern.name]),
    )


def _grant(acl: Any) -> Grant:
    of = acl.resource_pattern
    return Grant(
        acl.principal, Operation[acl.operation.name], Resource[of.resource_type.name], of.resource_name,
        Pattern[of.pattern_type.name], acl.permission_type == ACLPermissionType.ALLOW, acl.host,
    )  # fmt: skip
