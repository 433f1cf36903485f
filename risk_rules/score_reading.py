"""Reads how a rule scores: likelihood and impact, or a formula, and the factors with what is right of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from risk_rules.catalogue import FEATURES, Feature
from risk_rules.documents import Steps
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.types import NUMBERS, Type
from risk_rules.problems import did_you_mean
from risk_rules.rule_text import Formula, RuleText
from risk_rules.scores import MOST_FACTORS, FactorRule, ScoreRule
from risk_rules.structures import Structure

WEIGHABLE = (*NUMBERS, Type.BOOL, Type.STRING, Type.DATE)


class Reader(Protocol):
    """What is needed of the reading of a rule. `steps` lead from the rule to the place in question."""

    def problem(self, steps: Steps, message: str, hint: str = "", offset: int | None = None) -> None:
        """Note that something is wrong."""
        ...

    def expression(self, formula: Formula | None, steps: Steps, wanted: Sequence[Type]) -> Checked:
        """The checked expression; a harmless one after a problem. None is null."""
        ...


def score_of(text: RuleText, structure: Structure | None, reader: Reader) -> ScoreRule:
    """How the rule scores. What its structure gives it counts beside the features of the subject."""
    if text.score is None:
        for name in ("likelihood", "impact"):
            if getattr(text, name) is None:
                hint = f"add {name}: from 0 to 1, or score: from 0 to 100"
                reader.problem(
                    (), f"the score needs a {name}" if name == "likelihood" else "the score needs an impact", hint
                )
    elif text.impact is not None:
        reader.problem(("impact",), "the score has a formula of its own", "take impact: out, or score:")
    if len(text.factors) > MOST_FACTORS:
        hint = f"{MOST_FACTORS} are the most; their shares are worked out over all of their combinations"
        reader.problem(("factors",), f"{len(text.factors)} factors are too many", hint)
    gives: Mapping[str, Type] = {} if structure is None else structure.gives
    known = {**FEATURES[text.subject], **{name: Feature(name, kind, "", "") for name, kind in gives.items()}}
    for name in () if structure is None else structure.features:
        # At its reference such a one would undo the structure; what the structure gives can be weighed instead.
        known.pop(name, None)
    factors = [_factor(text, at, known, reader) for at in range(len(text.factors))]
    return ScoreRule(
        likelihood=_number(text.likelihood, "likelihood", reader),
        impact=_number(text.impact, "impact", reader),
        formula=_number(text.score, "score", reader),
        factors=tuple(factor for factor in factors if factor is not None),
    )


def _number(formula: Formula | None, name: str, reader: Reader) -> Checked | None:
    return None if formula is None else reader.expression(formula, (name,), NUMBERS)


def _factor(text: RuleText, at: int, known: Mapping[str, Feature], reader: Reader) -> FactorRule | None:
    name, reference = text.factors[at].of, text.factors[at].reference
    feature = known.get(name)
    if feature is None or feature.type not in WEIGHABLE:
        message = f"{name} is not known here" if feature is None else f"{name} is {feature.type.named}"
        fitting = [one.name for one in known.values() if one.type in WEIGHABLE]
        reader.problem(("factors", at, "of"), message, did_you_mean(name, fitting) or "name a feature of the subject")
        return None
    if any(factor.of == name for factor in text.factors[:at]):
        reader.problem(("factors", at, "of"), f"{name} is there already", "take one of them out")
        return None
    # A whole number may stand for a measure, but not a measure for a count.
    wanted = NUMBERS if feature.type == Type.DOUBLE else (feature.type,)
    return FactorRule(
        feature=feature, reference=reader.expression(reference, ("factors", at, "reference"), (*wanted, Type.NULL))
    )
