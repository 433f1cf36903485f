"""A rulebook knows the texts that it was made from, and who changed them."""

import pickle
from pathlib import Path

import pytest

from risk_rules import rulebook
from risk_rules.problems import DocumentError
from risk_rules.rule_text import ChangeText

RULES = """
rulebook: 1
{change}
rules:
  - id: large
    subject: lot
    kind: large
    when: qty > 100
    severity: warning
    score: 30
    summary: "{{qty}} in one lot"
"""


def test_a_file_says_who_changed_it_and_why_which_is_no_part_of_the_version() -> None:
    signed = rulebook.parse(RULES.format(change="change: {by: Ada, reason: 100 kg was too little}"))
    assert signed.sources[0].change == ChangeText(by="Ada", reason="100 kg was too little")
    assert signed.version == rulebook.parse(RULES.format(change="")).version


def test_a_change_without_a_reason_is_refused_where_it_stands() -> None:
    with pytest.raises(DocumentError, match=r"rulebook\.yaml:3:9: .*reason"):
        rulebook.parse(RULES.format(change="change: {by: Ada}"))


def test_a_rulebook_is_the_same_made_anew_of_its_texts(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES.format(change=""))
    loaded = rulebook.load([file])
    again = rulebook.of_texts([(source.file, source.text) for source in loaded.sources])
    assert again.version == loaded.version == pickle.loads(pickle.dumps(loaded)).version
    assert again.sources == loaded.sources
