"""The whole trail checked: each chain by its hashes, and all of them against the checkpoints that lie elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from alerting.audit.checkpoint import Checkpoint, CheckpointFault, Succession, read
from alerting.audit.checkpoint_store import CheckpointStore, Place
from alerting.audit.entry import End
from alerting.audit.keys import PublicKey
from alerting.audit.stored import PAGE, Pages
from alerting.audit.walk import Fault, Walk


@dataclass(slots=True)
class Verified:
    """What was found. Nothing wrong: `faults` is empty."""

    entries: int = 0
    chains: dict[str, End] = field(default_factory=dict[str, End])
    """By chain: the last entry that is good."""
    covered: dict[str, int] = field(default_factory=dict[str, int])
    """By chain: up to which entry the last checkpoint vouches for it."""
    checkpoints: int = 0
    last_checkpoint: str | None = None
    """Its hash: what to note elsewhere."""
    last_at: str | None = None
    faults: list[Fault] = field(default_factory=list[Fault])
    notes: list[str] = field(default_factory=list[str])


class Verification:
    """Goes along all chains side by side, as far as each checkpoint says, then to their ends.

    It holds a page of each chain and one checkpoint, however long they are. `tell` hears of progress: entries checked.
    """

    def __init__(
        self, chains: Iterable[str], pages: Pages, keys: Mapping[str, PublicKey], tell: Callable[[int], None]
    ) -> None:
        self._pages = pages
        self._keys = keys
        self._tell = tell
        self._walks = {chain: Walk(chain, pages) for chain in chains}
        self._agreed: dict[str, int] = {}
        self.found = Verified()

    def follow(self, store: CheckpointStore, witnesses: Iterable[str] = ()) -> None:
        """Compare with the checkpoints of a store; `witnesses` are hashes of some, that were noted elsewhere."""
        missing = set(witnesses)
        succession = Succession(self._keys)
        try:
            places = store.places()
            for checkpoint in self._succeeding(places, succession):
                missing.discard(checkpoint.hash)
                self._compare(checkpoint)
        except OSError as error:
            self._blame(f"the checkpoints at {store.path} cannot be read: {error.strerror}")
            return
        if succession.last is None:
            self._blame(f"{store.path} holds no checkpoint that can be trusted")
        else:
            self._vouched(succession.last)
        for witness in sorted(missing):
            self._blame(f"no checkpoint at {store.path} has the hash {witness}: it was replaced or cut off")

    def finish(self) -> Verified:
        """Go to the ends of all chains, also of what no checkpoint has seen yet."""
        for walk in self._walks.values():
            self._advance(walk, None)
            self.found.chains[walk.chain] = walk.end
            for key in sorted(walk.keys - self._keys.keys()) if self._keys else ():
                self.found.notes.append(f"chain {walk.chain} names key {key}, whose public key was not given")
        return self.found

    def _succeeding(self, places: Iterable[Place], succession: Succession) -> Iterator[Checkpoint]:
        """The checkpoints up to the first that is wrong. A text that is none is forgiven where the next one follows on
        the one before all the same: it was cut while it was written, and then written again."""
        cuts: list[Place] = []
        for place in places:
            try:
                checkpoint = read(place.line)
            except CheckpointFault:
                cuts.append(place)
                continue
            try:
                succession.take(checkpoint)
            except CheckpointFault as fault:
                self._blame(f"{place.where}: this checkpoint is not to be trusted: {fault}")
                return
            self.found.notes += (
                f"{cut.where}: a checkpoint was cut as it was written; none is missing" for cut in cuts
            )
            cuts.clear()
            self.found.checkpoints += 1
            yield checkpoint
        for cut in cuts:
            if cut.whole:
                self._blame(f"{cut.where}: this is no checkpoint")
            else:
                self.found.notes.append(f"{cut.where}: the last checkpoint was cut as it was written")

    def _compare(self, checkpoint: Checkpoint) -> None:
        said = checkpoint.said
        for chain, end in checkpoint.ends.items():
            walk = self._walks.get(chain)
            if walk is None:
                walk = self._walks[chain] = Walk(chain, self._pages)
            if walk.fault is None and end.sequence > walk.end.sequence:
                self._advance(walk, end.sequence)
                self._judge(walk, end, f"checkpoint {said.number} of {said.at}")
            self._agreed[chain] = end.sequence

    def _judge(self, walk: Walk, seen: End, by: str) -> None:
        if walk.fault is not None:
            return
        if walk.end.sequence < seen.sequence:
            what = f"it is missing; {by} saw entries up to {seen.sequence}"
            self._fault(walk, Fault(chain=walk.chain, sequence=walk.end.sequence + 1, what=what))
        elif walk.end.hash != seen.hash:
            first = self._agreed.get(walk.chain, 0) + 1
            which = "it" if first == seen.sequence else f"it or one after it, up to {seen.sequence},"
            what = f"{which} is not what {by} saw: the chain was written anew"
            self._fault(walk, Fault(chain=walk.chain, sequence=first, what=what))

    def _vouched(self, last: Checkpoint) -> None:
        self.found.last_checkpoint, self.found.last_at = last.hash, last.said.at
        self.found.covered |= {chain: end.sequence for chain, end in last.ends.items()}

    def _advance(self, walk: Walk, to: int | None) -> None:
        if walk.fault is not None:
            return
        while True:
            step = walk.end.sequence + PAGE
            checked = walk.advance(step if to is None else min(step, to))
            self.found.entries += checked
            self._tell(checked)
            if checked < PAGE:
                break
        if walk.fault is not None:
            self.found.faults.append(walk.fault)

    def _fault(self, walk: Walk, fault: Fault) -> None:
        walk.fault = fault
        self.found.faults.append(fault)

    def _blame(self, what: str) -> None:
        self.found.faults.append(Fault(what=what))
