"""Makes the next checkpoint: only of chains that go on where the last one left them, and are whole since."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from alerting.audit.chain import chains, read_end
from alerting.audit.checkpoint import Checkpoint, check_signature, sign
from alerting.audit.checkpoint_store import CheckpointStore
from alerting.audit.entry import START, End
from alerting.audit.keys import PublicKey, SigningKey
from alerting.audit.stored import pages
from alerting.audit.walk import Fault, Walk
from alerting.database import reading


class TrailBrokenError(Exception):
    """The trail in the database is not the one that the last checkpoint vouches for; nothing was signed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def next_checkpoint(
    engine: Engine, store: CheckpointStore, key: SigningKey, keys: Mapping[str, PublicKey], at: datetime, writer: str
) -> Checkpoint | None:
    """Sign where all chains end now and keep it in the store; None when nothing was written since the last one.

    Raises TrailBrokenError, CheckpointFault for a last checkpoint that no key of ours signed, and OSError.
    """
    with store.alone():
        last = store.last()
        if last is not None:
            check_signature(last, keys)
        ends = _ends(engine, {} if last is None else last.ends)
        if last is not None and last.ends == ends and last.said.key_id == key.public.id:
            return None
        made = sign(key, last, ends, at, writer)
        store.add(made)
        return made


def _ends(engine: Engine, before: Mapping[str, End]) -> dict[str, End]:
    """Where each chain ends now, after every entry since `before` was checked."""
    with reading(engine) as connection:
        names = sorted({*before, *chains(connection)})
    page, ends, faults = pages(engine), dict[str, End](), list[Fault]()
    for chain in names:
        since = before.get(chain, START)
        if (lost := _lost(engine, chain, since)) is not None:
            faults.append(lost)
            continue
        walk = Walk(chain, page, since)
        walk.advance()
        ends[chain] = walk.end
        if walk.fault is not None:
            faults.append(walk.fault)
    if faults:
        raise TrailBrokenError(faults)
    return ends


def _lost(engine: Engine, chain: str, seen: End) -> Fault | None:
    """Whether the entry that the last checkpoint saw at the end is no longer there as it was."""
    if seen == START:
        return None
    with reading(engine) as connection:
        found = read_end(connection, chain, seen.sequence)
    if found == seen:
        return None
    what = "it is not the one that the last checkpoint saw" if found.sequence == seen.sequence else "it is missing"
    return Fault(
        chain=chain, sequence=seen.sequence, what=f"{what}: `bellwether audit verify` names the first bad entry"
    )
