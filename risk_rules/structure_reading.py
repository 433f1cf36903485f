"""Reads what a rule says by structure and of time: absence, sequence, count and trend, waiting and dwelling."""

import math
from collections.abc import Sequence
from typing import Final, Protocol

from risk_rules.documents import Steps
from risk_rules.expressions.types import Type
from risk_rules.lasting import Lasting
from risk_rules.methods.control_chart import Side
from risk_rules.rule_text import AbsenceText, CountWithinText, Formula, RuleText, SequenceText, SpanText, TrendText
from risk_rules.spans import MOST, Span, Unit
from risk_rules.structures import Absence, CountWithin, Structure, Trend
from risk_rules.structures import Sequence as SequenceOf

MOMENTS: Final = (Type.TIMESTAMP, Type.DATE)
LONGEST_SERIES: Final = 10_000


class Reader(Protocol):
    """What is needed of the reading of a rule. `steps` lead from the rule to the place in question."""

    def problem(self, steps: Steps, message: str, hint: str = "", offset: int | None = None) -> None:
        """Note that something is wrong."""
        ...

    def number(self, formula: Formula, steps: Steps) -> float | None:
        """The value of an expression over parameters alone; None after a problem."""
        ...

    def feature(self, name: str, steps: Steps, wanted: Sequence[Type]) -> Type | None:
        """The type of a feature of the subject, one of `wanted`; None after a problem."""
        ...


def structure_of(text: RuleText, reader: Reader) -> Structure | None:
    """The structure of a rule; None where it has none, or after a problem."""
    given = {"absence": text.absence, "sequence": text.sequence, "count_within": text.count_within, "trend": text.trend}
    names = [name for name, part in given.items() if part is not None]
    if len(names) > 1:
        reader.problem((names[1],), f"the rule has {names[0]} already", "make two rules of it")
    reading = _Structures(reader)
    if text.absence is not None:
        return reading.absence(text.absence)
    if text.sequence is not None:
        return reading.sequence(text.sequence)
    if text.count_within is not None:
        return reading.count_within(text.count_within)
    return None if text.trend is None else reading.trend(text.trend)


def lasting_of(text: RuleText, reader: Reader) -> Lasting | None:
    """How the rule lasts; None where it comes and goes with its condition."""
    if text.meanwhile is not None and text.wait is None:
        reader.problem(("meanwhile",), "there is nothing to wait for", "say how long by for:")
    if text.wait is None and text.exit is None and text.dwell is None:
        return None
    wait = None if text.wait is None else span_of(text.wait, ("for",), reader)
    dwell = None if text.dwell is None else span_of(text.dwell, ("dwell",), reader)
    if dwell is not None and dwell.unit is Unit.EVALUATIONS:
        reader.problem(("dwell", "evaluations"), "a rule stands for a time", "use hours, days or working_days")
    return Lasting(wait=wait, dwell=dwell, has_exit=text.exit is not None)


def span_of(text: SpanText, steps: Steps, reader: Reader) -> Span | None:
    """The span; None after a problem."""
    amounts = {unit: getattr(text, unit.value) for unit in Unit}
    units = [unit for unit, amount in amounts.items() if amount is not None]
    if len(units) != 1:
        reader.problem(steps, "a span of time has one unit", f"write one of {', '.join(Unit)}")
        return None
    (unit,) = units
    path = (*steps, unit.value)
    amount = reader.number(amounts[unit], path)
    if amount is None:
        return None
    whole = unit in (Unit.WORKING_DAYS, Unit.EVALUATIONS)
    return Span(unit, amount) if _within(reader, path, amount, 0, MOST[unit], whole=whole) else None


class _Structures:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def absence(self, text: AbsenceText) -> Absence | None:
        self._alike(((text.of, ("absence", "of")), (text.after, ("absence", "after"))))
        within = self._time(text.within, ("absence", "within"))
        return None if within is None else Absence(of=text.of, after=text.after, within=within)

    def sequence(self, text: SequenceText) -> SequenceOf | None:
        named: list[tuple[str, Steps]] = [(name, ("sequence", "steps", at)) for at, name in enumerate(text.steps)]
        if len(named) < 2:
            self._reader.problem(("sequence", "steps"), "a sequence has two steps or more", "name the moments in order")
        if text.without is not None:
            named.append((text.without, ("sequence", "without")))
        self._alike(named)
        within = None if text.within is None else self._time(text.within, ("sequence", "within"))
        return SequenceOf(steps=text.steps, without=text.without, within=within)

    def count_within(self, text: CountWithinText) -> CountWithin | None:
        self._reader.feature(text.of, ("count_within", "of"), (Type.MAP,))
        days = self._whole(text.days, ("count_within", "days"), 1, LONGEST_SERIES)
        at_least = self._whole(text.at_least, ("count_within", "at_least"), 1, 1_000_000)
        return None if days is None or at_least is None else CountWithin(of=text.of, days=days, at_least=at_least)

    def trend(self, text: TrendText) -> Trend | None:
        self._reader.feature(text.of, ("trend", "of"), (Type.LIST,))
        if (text.target is None) != (text.sigma is None):
            self._reader.problem(("trend",), "target and sigma go together", "give both, or neither to learn them")
        baseline = self._whole(text.baseline, ("trend", "baseline"), 2, LONGEST_SERIES)
        numbers = {
            name: self._number(getattr(text, name), ("trend", name), least, greatest)
            for name, least, greatest in (
                ("least_sigma", 0.0, math.inf), ("weight", 0.001, 1.0), ("width", 0.001, 100.0),
                ("slack", 0.0, 100.0), ("threshold", 0.0, 1000.0),
            )
        }  # fmt: skip
        target = None if text.target is None else self._number(text.target, ("trend", "target"), -math.inf, math.inf)
        sigma = None if text.sigma is None else self._number(text.sigma, ("trend", "sigma"), 1e-12, math.inf)
        sides = frozenset(Side) if text.side == "either" else frozenset((Side(text.side),))
        if baseline is None or None in numbers.values():
            return None
        known = {name: number for name, number in numbers.items() if number is not None}
        return Trend(
            of=text.of, chart=text.chart, sides=sides, baseline=baseline, target=target, sigma=sigma, **known
        )  # fmt: skip

    def _alike(self, named: Sequence[tuple[str, Steps]]) -> None:
        """Moments can be compared with moments and days with days."""
        found = [(kind, name, steps) for name, steps in named if (kind := self._reader.feature(name, steps, MOMENTS))]
        for kind, name, steps in found[1:]:
            if kind != found[0][0]:
                self._reader.problem(
                    steps, f"{name} is {kind.named}, {found[0][1]} is {found[0][0].named}", "use features of one type"
                )

    def _time(self, text: SpanText, steps: Steps) -> Span | None:
        span = span_of(text, steps, self._reader)
        if span is not None and span.unit is Unit.EVALUATIONS:
            self._reader.problem((*steps, "evaluations"), "this takes a time", "use hours, days or working_days")
            return None
        return span

    def _whole(self, formula: Formula, steps: Steps, least: int, greatest: int) -> int | None:
        number = self._reader.number(formula, steps)
        if number is None or not _within(self._reader, steps, number, least, greatest, whole=True):
            return None
        return int(number)

    def _number(self, formula: Formula, steps: Steps, least: float, greatest: float) -> float | None:
        number = self._reader.number(formula, steps)
        if number is None or not _within(self._reader, steps, number, least, greatest):
            return None
        return float(number)


def _within(reader: Reader, steps: Steps, number: float, least: float, greatest: float, *, whole: bool = False) -> bool:
    if least <= number <= greatest and (not whole or number == int(number)):
        return True
    what = "a whole number" if whole else "a number"
    reader.problem(steps, f"{number:g} will not do", f"{what} from {least:g} to {greatest:g} is needed")
    return False
