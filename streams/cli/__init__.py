"""The command line: `bellwether …`. `python -m streams.cli` does the same."""

from streams.cli.program import main

__all__ = ["main"]
