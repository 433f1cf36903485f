"""What is known of one entity: its facts in the order of their reports, and the state that they add up to.

The state is the fold of the facts in order, so it does not depend on the order in which they came: a late fact is put at
its place and the fold done again, a withdrawn one is taken out. A journal remembers its newest facts; older ones are
folded into its base and can no longer be withdrawn.
"""

from collections.abc import Sequence
from typing import Any, Final, Self

import msgspec

from streams.ledger.fact import Fact, State, lasting, step
from streams.ledger.written import Written

MEMORY: Final = 32
"""Facts that a journal keeps at least. A fact that comes later than this many newer ones is judged against the base."""

FEW: Final = 4
"""So many facts are packed anew each time; of more, what was packed is kept."""

Stamp = tuple[int, int, int]
"""The place of a fact among others: recorded, sequence, identity."""

_NO_FACTS: Final[list[Fact]] = []
_NOTHING: Final[dict[str, Any]] = {}


class Journal(msgspec.Struct):
    """The facts of one entity, oldest first, on top of `base`; `state` is what they add up to.

    `base_newest` is the newest fact in the base, `base_at` the newest there that set or added to each name. While there is
    but one fact that only sets, `state` is that fact's own dictionary: it is never changed in place, only replaced. `written`
    is what was packed of `facts`, as far as it is still true: most journals only grow at their end.
    """

    facts: list[Fact] = []
    by_sequence: bool = True
    base: State = {}
    base_count: int = 0
    base_newest: Stamp | None = None
    base_at: dict[str, Stamp] = {}
    state: State = {}
    written: Written | None = None

    @classmethod
    def blank(cls) -> Self:
        """One without facts. What is empty is shared: it is replaced, never changed in place."""
        return cls(_NO_FACTS, True, _NOTHING, 0, None, _NOTHING, _NOTHING, None)

    @property
    def count(self) -> int:
        """How many events the state rests on."""
        return self.base_count + len(self.facts)

    def enter(self, fact: Fact) -> bool:
        """Take in a fact. False when it is known already, or older than all that is remembered and adds nothing."""
        facts = self.facts
        if not facts and self.base_newest is None:
            self.by_sequence = fact.sequence >= 0
            self.facts = [fact]
            self.written = None
            if fact.add or fact.first or fact.put:
                self.state = step({}, fact)
            else:
                self.state = fact.set
            return True
        if self.by_sequence and not self._shares_sequence(fact):
            self.by_sequence = False
            facts.sort(key=self._order)
            self.refold()
        order = self._order(fact)
        if self.base_newest is not None and order < self._stamp_order(self.base_newest):
            return self._enter_before_base(fact)
        if facts:
            newest = self._order(facts[-1])
            if order <= newest:
                return self._enter_between(fact)
        self._append((fact,))
        return True

    def enter_all(self, facts: Sequence[Fact]) -> bool:
        """Take in facts, as `enter` would one after the other. False when it takes none of them."""
        if len(facts) == 1:
            return self.enter(facts[0])
        if self._are_next(facts):
            self._append(facts)
            return True
        entered = [self.enter(fact) for fact in facts]  # all of them
        return any(entered)

    def withdraw(self, identity: int) -> bool:
        """Undo the fact of an event. False when it is not remembered."""
        kept = [fact for fact in self.facts if fact.identity != identity]
        if len(kept) == len(self.facts):
            return False
        self.facts = kept
        if self.base_newest is None:  # without the withdrawn one, the sequence may be common to all again
            self.by_sequence = bool(kept) and all(f.sequence >= 0 and f.source == kept[0].source for f in kept)
            kept.sort(key=self._order)
        self.refold()
        return True

    def take_back(self, fact: Fact) -> None:
        """Undo a fact of which all is known. In the base its amounts (unless counted since) and its entries are undone."""
        if self.withdraw(fact.identity) or not self.base_count:
            return
        base = self.base = dict(self.base)
        for name, amount in (fact.add or {}).items():
            if not self._is_newer_in_base("counted", fact):
                base[name] = round((base.get(name) or 0.0) - amount, 6)
        for name, entries in (fact.put or {}).items():
            base[name] = {entry: value for entry, value in base.get(name, {}).items() if entry not in entries}
        self.base_count -= 1
        self.refold()

    def events(self) -> list[str]:
        """The events that the state rests on, as far as remembered, newest first: `source id`."""
        return [f"{fact.source} {fact.id}" for fact in reversed(self.facts)]

    def _shares_sequence(self, fact: Fact) -> bool:
        """Sequences compare only within one source; between sources the time of recording decides."""
        return fact.sequence >= 0 and (not self.facts or self.facts[0].source == fact.source)

    def _are_next(self, facts: Sequence[Fact]) -> bool:
        """Whether they follow what is known, and one another, in order."""
        if not self.facts:
            return False
        newest, first = self.facts[-1], facts[0]
        if self.base_newest is not None and self._order(first) < self._stamp_order(self.base_newest):
            return False
        if not self.by_sequence:
            at = newest.recorded
            for fact in facts:
                if fact.recorded <= at:
                    return False
                at = fact.recorded
            return True
        at, source = newest.sequence, newest.source
        for fact in facts:
            if fact.sequence <= at or fact.source != source:
                return False
            at = fact.sequence
        return True

    def _append(self, new: Sequence[Fact]) -> None:
        """They are newer than all others. As soon as there are twice as many as must be kept, the older half is folded."""
        facts = self.facts
        before, until_fold = len(facts), max(1, 2 * MEMORY - len(facts))
        facts += new
        if len(new) >= until_fold:
            self._forget(before + len(new) - MEMORY - (len(new) - until_fold) % MEMORY)
            self.state = _carried(self.base, lasting(self.facts))
            return
        state = dict(self.state) if before == 1 else self.state  # the first fact's own dictionary must stay
        for fact in new if len(new) == 1 else lasting(new):
            step(state, fact)
        self.state = state

    def _order(self, fact: Fact) -> tuple[int, int]:
        return (fact.sequence if self.by_sequence else fact.recorded, fact.identity)

    def _stamp_order(self, stamp: Stamp) -> tuple[int, int]:
        recorded, sequence, identity = stamp
        return (sequence if self.by_sequence else recorded, identity)

    def packed_facts(self) -> msgspec.Raw | list[Fact]:
        """The facts as a MessagePack array, or as they are where there are few."""
        if len(self.facts) <= FEW:
            return self.facts
        if self.written is None:
            self.written = Written(MEMORY)
        return self.written.array_of(self.facts)

    def refold(self) -> None:
        """Work the state out again from the base and the facts, which have changed."""
        self.written = None
        self.state = _carried(self.base, self.facts)

    def _enter_between(self, fact: Fact) -> bool:
        if any(known.identity == fact.identity for known in self.facts):
            return False
        self.facts.append(fact)
        self.facts.sort(key=self._order)
        self.refold()
        return True

    def _enter_before_base(self, fact: Fact) -> bool:
        """What the base replaced is forgotten, so of an older fact counts only what nothing newer in the base speaks of."""
        base = self.base = dict(self.base)
        for name, value in (fact.first or {}).items():
            base.setdefault(name, value)
        for name, amount in (fact.add or {}).items():
            if not self._is_newer_in_base("counted", fact):  # a later count saw this already
                base[name] = round((base.get(name) or 0.0) + amount, 6)
                self._note(name, fact)
        for name, value in fact.set.items():
            if not self._is_newer_in_base(name, fact):
                base[name] = value
                self._note(name, fact)
        for name, items in (fact.put or {}).items():
            base[name] = {**items, **base.get(name, {})}
        self.base_count += 1
        self.refold()
        return True

    def _is_newer_in_base(self, name: str, fact: Fact) -> bool:
        stamp = self.base_at.get(name)
        return stamp is not None and self._stamp_order(stamp) > self._order(fact)

    def _note(self, name: str, fact: Fact) -> None:
        if not self._is_newer_in_base(name, fact):
            self.base_at = {**self.base_at, name: (fact.recorded, fact.sequence, fact.identity)}

    def _forget(self, many: int) -> None:
        """Fold the oldest into the base."""
        old, self.facts = self.facts[:many], self.facts[many:]
        base, base_at = dict(self.base), dict(self.base_at)
        for fact in lasting(old):
            step(base, fact)
            stamp = (fact.recorded, fact.sequence, fact.identity)
            for name in (*fact.set, *(fact.add or ())):
                base_at[name] = stamp
        self.base, self.base_at = base, base_at
        if self.written is not None and not self.written.drop(many):
            self.written = None
        self.base_count += len(old)
        self.base_newest = (old[-1].recorded, old[-1].sequence, old[-1].identity)


def _carried(base: State, facts: Sequence[Fact]) -> State:
    """The state after `base` and these."""
    state = dict(base)
    for fact in facts:
        step(state, fact)
    return state
