"""Nobody can hang, crash or break out of the language of rules; the full count is `python -m tests.fuzz.expressions`."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.expressions.checker import check
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import values
from tests.fuzz.expressions import ENVIRONMENT, KNOWN, fuzzed, tried
from tests.fuzz.hostile_texts import PIECES, hostile


@given(st.integers(min_value=0, max_value=2**32).map(lambda seed: hostile(Random(seed))))
def test_a_hostile_text_is_refused_at_a_place_or_gives_data(text: str) -> None:
    tried(text)


@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_refused_at_a_place_or_gives_data(text: str) -> None:
    tried(text)


def test_some_hostile_texts_are_evaluated_and_most_are_refused() -> None:
    counts = fuzzed(2000, seed=5).counts
    assert counts["evaluated"] > 100
    assert counts["refused"] > 1000


@pytest.mark.parametrize(
    "text",
    [
        "li.map(i, li.map(j, li.map(k, i * j * k)))",
        "li.exists(i, li.exists(j, li.exists(k, i + j + k == -1)))",
        "['aaaaaaaaaa']" + ".map(i, i + i)" * 30,
        "[[1]]" + ".map(i, [i, i])" * 30,
        "[li]" + ".map(i, i + i)" * 30 + ".size() > 0",
        "li.map(i, li) == li.map(i, li)",
        "li.all(i, i in li) && li.map(i, li.map(j, i in li)).size() > 0",
    ],
)
def test_what_would_cost_too_much_is_unknown(text: str) -> None:
    evaluate = values([check(parse(text), ENVIRONMENT)])
    assert evaluate(KNOWN | {"li": list(range(1000))}) == (None,)


def test_a_pattern_that_makes_others_backtrack_takes_no_longer() -> None:
    evaluate = values([check(parse('s.matches("^(a+)+$") || s.matches("(a|a)*b")'), ENVIRONMENT)])
    assert evaluate(KNOWN | {"s": "a" * 50_000 + "c"}) == (False,)
