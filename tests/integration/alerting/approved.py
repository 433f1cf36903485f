"""Texts that somebody has read and found right, each in a file under `snapshots/`."""

import os
from difflib import unified_diff
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"
APPROVE = "BELLWETHER_APPROVE"


def assert_approved(name: str, text: str) -> None:
    """The text is the approved one. With BELLWETHER_APPROVE=1 the present text becomes that: read the diff then."""
    text = text.replace("\r\n", "\n")  # a mail has CRLF, a file of approved texts has not
    path = FOLDER / f"{name}.txt"
    approved = path.read_text(encoding="utf-8") if path.exists() else ""
    if os.environ.get(APPROVE) == "1":
        path.write_text(text, encoding="utf-8")
        return
    difference = "\n".join(unified_diff(approved.splitlines(), text.splitlines(), "approved", "now", lineterm=""))
    assert text == approved, (
        f"what goes to {name} is not what was approved in {path}:\n{difference}\n"
        f"If the new text is right, run the test once with {APPROVE}=1 and commit the file."
    )
