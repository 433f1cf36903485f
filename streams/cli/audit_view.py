"""What verification found, for people and for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from streams.cli.speaking import out

if TYPE_CHECKING:
    from alerting.audit.verification import Verified


def as_json(found: "Sequence[Verified]") -> dict[str, Any]:
    """`whole`, and for each place of checkpoints (one entry where there is none) what was found."""
    return {
        "whole": not any(one.faults for one in found),
        "checked": [
            {
                "entries": one.entries,
                "chains": {
                    chain: {"sequence": end.sequence, "hash": end.hash, "covered": one.covered.get(chain, 0)}
                    for chain, end in sorted(one.chains.items())
                },
                "checkpoints": one.checkpoints,
                "last_checkpoint": one.last_checkpoint,
                "last_checkpoint_at": one.last_at,
                "faults": one.faults,
                "notes": one.notes,
            }
            for one in found
        ],
    }


def show(found: "Sequence[Verified]") -> None:
    """A table of the chains, then what is wrong."""
    for one in found:
        table = Table("chain", "good entries", "covered by a checkpoint", box=None)
        for chain, end in sorted(one.chains.items()):
            table.add_row(escape(chain), str(end.sequence), str(one.covered.get(chain, 0)))
        out.print(table if one.chains else "The trail has no entry yet.")
        if one.last_checkpoint is not None:
            out.print(f"{one.checkpoints} checkpoints, the last of {one.last_at}:")
            out.print(f"  {one.last_checkpoint}", soft_wrap=True)
        for note in dict.fromkeys(one.notes):
            out.print(f"[yellow]note:[/] {escape(note)}", soft_wrap=True)
        for fault in dict.fromkeys(one.faults):
            out.print(f"[bold red]wrong:[/] {escape(str(fault))}", soft_wrap=True)
        if not one.faults:
            out.print(f"[green]{one.entries} entries are as they were written.[/]")
