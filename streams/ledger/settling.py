"""Carries over what a changed entity says of others: derived facts into their journals, shares into their tallies."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from streams.ledger.entity import Derived, Entity, Share
from streams.ledger.holding import Holding
from streams.ledger.journal import Fact
from streams.ledger.kinds import KINDS
from streams.ledger.register import identity
from streams.network.model import Network

Reading = Callable[[Callable[[Connection], None]], None]
"""Runs something on a connection for reading."""


def settle(holding: Holding, touched: dict[str, dict[str, Entity]], network: Network, read: Reading) -> None:
    """Bring all that depends on the touched entities up to date; what that touches joins `touched` and the holding's own.

    Kinds are in the order in which they depend on one another, so that one pass is enough.
    """
    for name, kind in KINDS.items():
        if kind.derived is not None and touched[name]:
            _derive(holding, touched, list(touched[name].values()), network, read)
    for name, kind in KINDS.items():
        if kind.shares is not None and touched[name]:
            _share(holding, touched, touched[name].values(), network, read)


def _derive(
    holding: Holding, touched: dict[str, dict[str, Entity]], sources: list[Entity], network: Network, read: Reading
) -> None:
    changed: list[tuple[Entity, list[Derived]]] = []
    for source in sources:
        derive = KINDS[source.kind].derived
        assert derive is not None
        derived = derive(source, network)
        if derived != source.derived:
            changed.append((source, derived))
    targets = {(d.entry.kind, d.entry.key) for source, new in changed for d in (*source.derived, *new)}
    _fetch(holding, targets, read)
    for source, derived in changed:
        for number, old in enumerate(source.derived):
            target = holding.entity(old.entry.kind, old.entry.key, source.partner, source.site)
            target.journal.withdraw(_identity(source, old, number))
            _touch(holding, touched, target)
        for number, new in enumerate(derived):
            target = holding.entity(new.entry.kind, new.entry.key, source.partner, source.site)
            target.journal.enter(_fact(source, new, number))
            _touch(holding, touched, target)
        source.derived = derived


def _identity(source: Entity, derived: Derived, number: int) -> int:
    return identity(f"{source.kind}\n{source.key}", f"{derived.entry.kind}\n{derived.entry.key}\n{number}")


def _fact(source: Entity, derived: Derived, number: int) -> Fact:
    entry = derived.entry
    return Fact(
        derived.recorded,
        -1,
        _identity(source, derived, number),
        source.kind,
        source.key,
        entry.set,
        entry.add,
        entry.first,
        entry.put,
    )


def _share(
    holding: Holding, touched: dict[str, dict[str, Entity]], sources: Iterable[Entity], network: Network, read: Reading
) -> None:
    changed: list[tuple[Entity, list[Share]]] = []
    targets: set[tuple[str, str]] = set()
    for source in sources:
        share = KINDS[source.kind].shares
        assert share is not None
        shares = share(source, network)
        if shares != source.shares:
            changed.append((source, shares))
            targets.update((s.kind, s.key) for s in source.shares)
            targets.update((s.kind, s.key) for s in shares)
    _fetch(holding, targets, read)
    for source, shares in changed:
        newest = source.journal.facts[-1] if source.journal.facts else None
        for sign, passed_on in ((-1, source.shares), (1, shares)):
            for share in passed_on:
                target = holding.entity(share.kind, share.key, source.partner, source.site)
                target.tally(share.bucket, sign * share.amount)
                if newest is not None:
                    target.remember(f"{newest.source} {newest.id}")
                _touch(holding, touched, target)
        source.shares = shares


def _fetch(holding: Holding, targets: set[tuple[str, str]], read: Reading) -> None:
    lacking = [target for target in targets if holding.lacks(*target)]
    if lacking:
        read(lambda connection: holding.fetch(connection, lacking))


def _touch(holding: Holding, touched: dict[str, dict[str, Entity]], entity: Entity) -> None:
    touched[entity.kind][entity.key] = entity
    holding.touch(entity)
