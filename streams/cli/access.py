"""Users and ACLs on Kafka, for `bellwether topics … --acls`."""

from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from streams.access import Access, Difference, Fault, commands, compare, wanted
from streams.access_admin import AccessAdmin
from streams.cli.speaking import out
from streams.network.model import Network
from streams.passwords import Passwords, references
from streams.settings import Settings, SettingsError

FOLDER = Path("kafka-users")


class Wish(NamedTuple):
    """What the caller asks of `--acls`. `passwords`: as `USER=env:NAME`; `renew`: users that get another password."""

    folder: Path = FOLDER
    passwords: tuple[str, ...] = ()
    renew: tuple[str, ...] = ()
    prune: bool = False


class Report(NamedTuple):
    """Users and ACLs as they should be, what still differs, and what was mended."""

    want: Access
    left: tuple[Difference, ...] = ()
    mended: tuple[Difference, ...] = ()
    renewed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For programs. It holds no password."""
        return {
            "users": sorted(self.want.users),
            "grants": [grant._asdict() for grant in sorted(self.want.grants)],
            "differences": [one._asdict() for one in self.left],
            "mended": [one._asdict() for one in self.mended],
            "renewed": list(self.renewed),
        }

    def show(self) -> None:
        """For people."""
        table = Table("user", "may", "state", box=None, header_style="bold")
        for user in sorted(self.want.users):
            may = [
                f"{g.operation} {g.resource} {g.name}"
                for g in sorted(self.want.grants)
                if g.principal == f"User:{user}"
            ]
            changed = user in self.renewed or any(_about(one, user) for one in self.mended)
            state = "[green]made right[/]" if changed else "in order"
            wrong = [one.message for one in self.left if _about(one, user)]
            table.add_row(user, "\n".join(may), "[red]" + "; ".join(wrong) + "[/]" if wrong else state)
        out.print(table)
        for one in self.left:
            if one.subject.removeprefix("User:") not in self.want.users:
                out.print(f"[red]{one}[/]", soft_wrap=True)
        for one in self.mended:
            if one.fault in (Fault.EXTRA_GRANT, Fault.GONE):
                out.print(f"taken away: {one.subject} {one.message.split(':')[0]}", soft_wrap=True)


def as_wanted(told: Settings, network: Network) -> Access:
    """What the network and the settings ask for. Raises SettingsError for a partner that is none."""
    if unknown := sorted(set(told.dead_letter_readers) - set(network.partners)):
        raise SettingsError([f"dead_letter_readers: {', '.join(unknown)} is no partner of the network"])
    return wanted(
        network.partners,
        instance=told.instance,
        dead_letter_readers=told.dead_letter_readers,
        one_user=told.one_kafka_user,
    )


def script(told: Settings, network: Network, wish: Wish) -> tuple[str, ...]:
    """The commands with which somebody else can do it. Kafka is not asked."""
    return commands(as_wanted(told, network), bootstrap=told.kafka_servers, folder=str(wish.folder))


def check(told: Settings, network: Network) -> Report:
    """What differs now."""
    want = as_wanted(told, network)
    with AccessAdmin(told.kafka_servers, told.kafka_client()) as admin:
        return Report(want, compare(want, admin.access(), network.partners, told.instance))


def apply(told: Settings, network: Network, wish: Wish) -> Report:
    """Mend what differs. Raises SettingsError for passwords that cannot be had; then nothing was changed."""
    want = as_wanted(told, network)
    passwords = Passwords(wish.folder, references(wish.passwords))
    if unknown := sorted({*wish.renew, *references(wish.passwords)} - want.users):
        raise SettingsError(
            [f"{', '.join(unknown)} is no user of this network; known are {', '.join(sorted(want.users))}"]
        )
    with AccessAdmin(told.kafka_servers, told.kafka_client()) as admin:
        found = admin.access()
        differences = compare(want, found, network.partners, told.instance)
        mended = tuple(one for one in differences if one.repairable(prune=wish.prune))
        new = [one.subject for one in mended if one.fault is Fault.NO_USER]
        fresh = {user: passwords.of(user) for user in new if user not in wish.renew}
        fresh |= {user: passwords.renewed(user) for user in wish.renew}
        _mend(admin, mended, found, fresh)
        passwords.settle(wish.renew)
    return Report(want, tuple(one for one in differences if one not in mended), mended, wish.renew)


def _mend(admin: AccessAdmin, mended: tuple[Difference, ...], found: Access, passwords: dict[str, str]) -> None:
    """First what is too much goes: a run that breaks off leaves nobody with more than before."""
    gone = {one.subject for one in mended if one.fault is Fault.GONE}
    extra = [one.grant for one in mended if one.fault is Fault.EXTRA_GRANT and one.grant is not None]
    extra += [grant for grant in found.grants if grant.principal.removeprefix("User:") in gone]
    if extra:
        admin.take_away(extra)
    admin.remove(gone & found.users)
    admin.set_passwords(passwords)
    if missing := [one.grant for one in mended if one.fault is Fault.NO_GRANT and one.grant is not None]:
        admin.allow(missing)


def _about(one: Difference, user: str) -> bool:
    return one.subject.removeprefix("User:") == user
