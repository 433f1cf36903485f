"""`bellwether rules page`: a rulebook that ships, rule by rule, as a page for people."""

import sys
from typing import Annotated

import typer

from streams.cli.speaking import clean_errors


def page(name: Annotated[str, typer.Argument(help="The name of a rulebook that ships: default or snc.")]) -> None:
    """Print a rulebook that ships as a page in Markdown: each rule, its parameters and what they mean.

    Examples:

        bellwether rules page default > docs/rulebooks/default.md
    """
    with clean_errors():
        from risk_rules.documents import Document
        from risk_rules.rulebook_page import page as written
        from streams.cli.rulebook_files import resolved

        (path,) = resolved([name])
        sys.stdout.write(written(path.stem, Document.load(path)))
