"""What a rule costs that does not apply: 200 rules of which 10 apply to a subject, beside those 10 alone.

    python -m tests.benchmarks.rulebook

Each of twenty sites has ten rules of its own about materials, with conditions of three terms. A quiet subject is one of
which no rule finds anything, which is the usual case; one with a finding pays for its texts too. The least of many
rounds counts, the two rulebooks taking turns, so that both see the same machine.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from risk_rules.catalogue import FEATURES
from risk_rules.judge import Judge
from risk_rules.rulebook import parse

SITES, RULES_A_SITE = 20, 10
ROUNDS, CALLS = 60, 2_000
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
GREATEST_RATIO = 1.3

ONE = "    applies: {{site: {site}}}\n"
FOUR = "    applies: {{site: {site}, partner: acme, product: AMLO, material_class: api}}\n"
RULE = """
  - id: {site}-{number}
    subject: material
    kind: shortage_{number}
{applies}    when: shortage_in_days <= lead_time_days + {number} && doubtful_qty >= {number} && usable_qty < required_qty
    severity: watch
    score: 50
    summary: "{{material}} runs short in {{shortage_in_days}} days"
"""


def rules(sites: int, applies: str = "") -> Judge:
    """The judge of materials with ten rules for each of so many sites; `applies` with {site} for the code."""
    texts = [
        RULE.format(site=f"S{site}", number=number, applies=applies.format(site=f"S{site}"))
        for site in range(sites)
        for number in range(RULES_A_SITE)
    ]
    judge = parse("rulebook: 1\nrules:" + "".join(texts)).judge("material")
    assert judge is not None
    return judge


def subject(**known: Any) -> dict[str, Any]:
    """A material at the first site, short soon, with nothing in doubt."""
    usual = {
        "site": "S0", "partner": "acme", "product": "AMLO", "material_class": "api", "material": "API-1",
        "shortage_in_days": 12, "lead_time_days": 28.0,
        "doubtful_qty": -1.0, "usable_qty": 10.0, "required_qty": 100.0,
    }  # fmt: skip
    return {**dict.fromkeys(FEATURES["material"]), **usual, **known}


def seconds_a_call(judges: Mapping[str, Judge], features: Mapping[str, Any]) -> dict[str, float]:
    """By name, the least time that a judgement took."""
    least = dict.fromkeys(judges, 1.0)
    for _ in range(ROUNDS):
        for name, judge in judges.items():
            least[name] = min(least[name], _timed(judge, features))
    return least


def _timed(judge: Callable[..., Any], features: Mapping[str, Any]) -> float:
    begin = perf_counter()
    for _ in range(CALLS):
        judge(features, None, NOW)
    return (perf_counter() - begin) / CALLS


def main() -> None:
    judges = {
        "10 rules, everywhere": rules(1),
        "10 rules of one site": rules(1, ONE),
        "200 rules of 20 sites": rules(SITES, ONE),
        "200, by four dimensions": rules(SITES, FOUR),
        "200 rules, all apply": rules(SITES),
    }
    for what, features in (("quiet", subject()), ("one finding", subject(doubtful_qty=0.5))):
        took = seconds_a_call(judges, features)
        alone = took["10 rules, everywhere"]
        print(f"a subject, {what}")
        for name, seconds in took.items():
            print(f"  {name:24} {seconds * 1e6:7.2f} µs   {seconds / alone:6.2f} x")
        ratio = max(took["200 rules of 20 sites"], took["200, by four dimensions"]) / alone
        print(
            f"  {ratio:.2f} x at the worst, at most {GREATEST_RATIO} wanted: {'met' if ratio <= GREATEST_RATIO else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
