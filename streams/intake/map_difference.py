"""What another profile would do to records that came: the same, other events, newly refused, newly taken. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast

import msgspec

from streams.intake.trying import Outcome

Kind = Literal["same", "changed", "newly_refused", "newly_taken", "refused_otherwise"]
EXAMPLES = 5
MISSING = "(nothing)"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an event that would be another. `event`: its id now; `path` as in `$.data.qty`."""

    event: str
    path: str
    before: Any
    after: Any


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A record, and what would become of it."""

    record: int
    said: str
    kind: Kind
    changes: tuple[Change, ...] = ()
    before: str | None = None
    after: str | None = None


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Records by what would become of them; in how many records each field would change; the first few of each kind."""

    records: int
    counts: Mapping[str, int]
    fields: Mapping[str, int]
    examples: tuple[Difference, ...]


def differences(before: Iterable[Outcome], after: Iterable[Outcome]) -> Differences:
    """The differences between what two profiles make of the same records, told in the same order."""
    counts: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    examples: list[Difference] = []
    records = 0
    for old, new in zip(before, after, strict=True):
        records += 1
        found = difference(old, new)
        counts[found.kind] += 1
        fields.update({change.path for change in found.changes})
        if found.kind != "same" and counts[found.kind] <= EXAMPLES:
            examples.append(found)
    return Differences(
        records=records, counts=dict(counts), fields=dict(fields.most_common()), examples=tuple(examples)
    )


def difference(old: Outcome, new: Outcome) -> Difference:
    """What would become of one record."""
    kind: Kind = "same"
    changes: tuple[Change, ...] = ()
    if old.reason is None and new.reason is None:
        changes = tuple(_changes(old, new))
        kind = "changed" if changes else "same"
    elif old.reason is None:
        kind = "newly_refused"
    elif new.reason is None:
        kind = "newly_taken"
    elif (old.reason, old.place) != (new.reason, new.place):
        kind = "refused_otherwise"
    return Difference(
        record=old.record, said=old.said, kind=kind, changes=changes, before=_refusal(old), after=_refusal(new)
    )


def _refusal(outcome: Outcome) -> str | None:
    return None if outcome.reason is None else f"{outcome.reason}: {outcome.message} ({outcome.place})"


def _changes(old: Outcome, new: Outcome) -> Iterator[Change]:
    """Events belong together by their id; one whose id changed, by its position."""
    after = {event["id"]: event for event in new.events}
    for position, event in enumerate(old.events):
        other = after.pop(event["id"], None)
        if other is None and position < len(new.events) and new.events[position]["id"] not in _ids(old):
            other = after.pop(new.events[position]["id"], None)
        if other is None:
            yield Change(event=event["id"], path="$", before=event["type"], after=MISSING)
            continue
        ours, theirs = dict(_leaves(event, "$")), dict(_leaves(other, "$"))
        for path in sorted(ours.keys() | theirs.keys()):
            if ours.get(path, MISSING) != theirs.get(path, MISSING):
                yield Change(
                    event=event["id"], path=path, before=ours.get(path, MISSING), after=theirs.get(path, MISSING)
                )
    for event in after.values():
        yield Change(event=event["id"], path="$", before=MISSING, after=event["type"])


def _ids(outcome: Outcome) -> set[str]:
    return {event["id"] for event in outcome.events}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, one in cast("dict[str, Any]", value).items():
            yield from _leaves(one, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for number, one in enumerate(cast("list[Any]", value)):
            yield from _leaves(one, f"{path}[{number}]")
    else:
        yield path, value
