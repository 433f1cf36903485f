"""What `python -m tests.acceptance.protections` takes out is there to be taken out, and no row of the table is left out."""

import re

from tests.acceptance.known_defects import protections
from tests.acceptance.protections import ROOT, misplaced

ROWS = (
    "Alertmanager 2370", "Alertmanager 3097", "Alertmanager 4108", "Alertmanager 2222", "Alertmanager 1005",
    "Alertmanager 2492", "Alertmanager 3367", "Alertmanager 2496", "Alertmanager 3664", "Alertmanager 1860",
    "Alertmanager 204", "Alertmanager 3048", "Alertmanager 3457", "Alertmanager 730", "Alertmanager inhibition",
    "Alertmanager repeat_interval", "OnCall 1206", "OnCall 3111", "OnCall 3161", "OnCall 5359", "OnCall 3133", "Keep 6793",
    "Keep 4766", "Keep 5251", "Keep 1549", "Alerta", "OpenBoxes 4742", "Flink 15160",
)  # fmt: skip
"""The defects that are known, by tool and issue."""


def _named(defects: str) -> set[str]:
    tool, names = "", set[str]()
    for word in re.split(r",? ", defects):
        if word[0].isupper():
            tool = word
            names.add(word)
        else:
            names.add(f"{tool} {word}")
    return names


def test_each_known_defect_has_a_protection_that_can_be_taken_out() -> None:
    named = set[str]().union(*(_named(one.defects) for one in protections()))
    assert set(ROWS) <= named


def test_what_is_taken_out_is_there_once() -> None:
    assert [wrong for one in protections() for wrong in misplaced(one.edits)] == []


def test_the_tests_are_there() -> None:
    for one in protections():
        file, _, name = one.test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
