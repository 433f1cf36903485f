"""What a version says in other words than the one before it, and who answers for that. Pure."""

from collections.abc import Sequence
from difflib import unified_diff
from typing import Final, NamedTuple

from risk_rules.rulebook import Source

MOST_LINES: Final = 20_000
"""Of a file; comparing longer ones would take minutes."""

LONGEST_AUTHORS: Final = 300


class Signature(NamedTuple):
    """Who changed it and why; None where the files do not say."""

    author: str | None
    reason: str | None


def signature(before: Sequence[Source], after: Sequence[Source]) -> Signature:
    """As the files say that have changed. One that still says what it said of the change before says nothing of this one."""
    known = {source.change for source in before}
    said = [source.change for source in after if source.change is not None and source.change not in known]
    authors = ", ".join(dict.fromkeys(change.by for change in said))
    reasons = "; ".join(dict.fromkeys(change.reason for change in said))
    return Signature(authors[:LONGEST_AUTHORS] or None, reasons or None)


def diff(before: Sequence[Source], after: Sequence[Source]) -> str:
    """A unified diff of the texts, file by file; a file that is new or gone as a whole."""
    old, new = ({source.file: source.text.splitlines() for source in sources} for sources in (before, after))
    lines: list[str] = []
    for file in dict.fromkeys([*old, *new]):
        ours, theirs = old.get(file, []), new.get(file, [])
        if ours == theirs:
            continue
        if max(len(ours), len(theirs)) > MOST_LINES:
            lines.append(f"{file}: changed, and too long to be compared ({len(ours)} lines, then {len(theirs)})")
            continue
        names = (file if file in old else "/dev/null", file if file in new else "/dev/null")
        lines += unified_diff(ours, theirs, *names, lineterm="")
    return "\n".join(lines)
