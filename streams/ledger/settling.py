"""Carries over what a changed entity says of others: derived facts into their journals, shares into their tallies."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from streams.ledger.entity import Derived, Entity, Share
from streams.ledger.fact import Fact
from streams.ledger.holding import Holding, SubjectKey, Touched
from streams.ledger.kinds import KINDS
from streams.ledger.register import identity
from streams.network.model import Network

Reading = Callable[[Callable[[Connection], None]], None]
"""Runs something on a connection for reading."""


def settle(holding: Holding, touched: Touched, network: Network, read: Reading) -> None:
    """Bring all that depends on the touched entities up to date; what that touches joins `touched` and the holding's own.

    Kinds are in the order in which they depend on one another, so that one pass is enough.
    """
    for name, kind in KINDS.items():
        if kind.derived is not None and touched[name]:
            _derive(holding, touched, list(touched[name].values()), network, read)
    for name, kind in KINDS.items():
        if kind.shares is not None and touched[name]:
            _share(holding, touched, touched[name].values(), kind.shares, network, read)
            for source in touched[name].values():
                source.settled_with = network


def _derive(holding: Holding, touched: Touched, sources: Sequence[Entity], network: Network, read: Reading) -> None:
    changed: list[tuple[Entity, tuple[Derived, ...]]] = []
    for source in sources:
        derive = KINDS[source.kind].derived
        assert derive is not None
        derived = derive(source, network)
        if derived != source.derived:
            changed.append((source, derived))
    _fetch(holding, ((d.entry.kind, d.entry.key) for source, new in changed for d in (*source.derived, *new)), read)
    for source, derived in changed:
        for number, old in enumerate(source.derived):
            target = holding.entity(old.entry.kind, old.entry.key, source.partner, source.site)
            target.journal.take_back(_fact(source, old, number))
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
    said = (entry.set, entry.add, entry.first, entry.put)
    return Fact(derived.recorded, -1, _identity(source, derived, number), source.kind, source.key, *said)


def _share(
    holding: Holding,
    touched: Touched,
    sources: Iterable[Entity],
    share_of: Callable[[Entity, Network], tuple[Share, ...]],
    network: Network,
    read: Reading,
) -> None:
    """The differences are summed up first: many entities share in few tallies."""
    changes: dict[SubjectKey, dict[str, int]] = {}
    moved_by: dict[SubjectKey, Entity] = {}
    for source in sources:
        shares = share_of(source, network)
        old = source.shares
        if shares == old:
            continue
        for share in old:
            _add(changes, share, -share.amount)
            moved_by[share.target] = source
        for share in shares:
            _add(changes, share, share.amount)
            moved_by[share.target] = source
        source.shares = shares
    _fetch(holding, changes, read)
    for target, buckets in changes.items():
        mover = moved_by[target]
        entity = holding.entity(*target, mover.partner, mover.site)
        entity.tally(buckets)
        if mover.journal.facts:
            newest = mover.journal.facts[-1]
            entity.remember(f"{newest.source} {newest.id}")
        _touch(holding, touched, entity)


def _add(changes: dict[SubjectKey, dict[str, int]], share: Share, amount: int) -> None:
    buckets = changes.get(share.target)
    if buckets is None:
        buckets = changes[share.target] = {}
    buckets[share.bucket] = buckets.get(share.bucket, 0) + amount


def _fetch(holding: Holding, targets: Iterable[SubjectKey], read: Reading) -> None:
    lacking = holding.lacking(targets)
    if lacking:
        read(lambda connection: holding.fetch(connection, lacking))


def _touch(holding: Holding, touched: Touched, entity: Entity) -> None:
    touched[entity.kind][entity.key] = entity
    holding.touch(entity)
