"""What a typical condition costs, beside Google's own implementation of CEL (cel-expr-python) in the same run.

python -m tests.benchmarks.expressions
"""

import argparse
import json
from timeit import Timer
from typing import Any

from cel_expr_python import cel

from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import selection, values
from risk_rules.expressions.types import Type

CONDITION = 'shortage_in_days <= lead_time_days + margin_days && status != "closed" && usable_qty < 0.25 * required_qty'
"""Three terms over five features and a parameter, all of which are true, so that every term is evaluated."""
FEATURES = {
    "shortage_in_days": Type.DOUBLE,
    "lead_time_days": Type.DOUBLE,
    "status": Type.STRING,
    "usable_qty": Type.DOUBLE,
    "required_qty": Type.DOUBLE,
}
VALUES: dict[str, Any] = {
    "shortage_in_days": 12.0,
    "lead_time_days": 30.0,
    "status": "open",
    "usable_qty": 20.0,
    "required_qty": 400.0,
}
MARGIN = 7.0
THEIR_TYPES = {Type.DOUBLE: cel.Type.DOUBLE, Type.STRING: cel.Type.STRING}


ROUNDS, CALLS = 400, 1_000
"""Short rounds in turn, of which the quickest counts: so both meet the machine when nothing else runs on it."""


def runs() -> dict[str, Timer]:
    """One evaluation as a rule's condition and as a value, and theirs in both ways that it offers."""
    environment = Environment(features=FEATURES, constants={"margin_days": MARGIN})
    condition = check(parse(CONDITION), environment, (Type.BOOL,))
    fires, value = selection([condition], [bool]), values([condition])
    theirs = cel.NewEnv(variables={name: THEIR_TYPES[kind] for name, kind in FEATURES.items()})
    compiled = theirs.compile(CONDITION.replace("margin_days", str(MARGIN)))
    assert fires(VALUES) == (True,)
    assert value(VALUES) == (True,)
    assert compiled.eval(data=VALUES).value() is True
    names = {"run": fires, "value": value, "compiled": compiled, "data": VALUES, "bound": theirs.Activation(VALUES)}
    return {
        "condition": Timer("run(data)", globals=names),
        "value": Timer("value(data)", globals=names),
        "cel-expr-python": Timer("compiled.eval(data=data).value()", globals=names),
        "cel-expr-python, features bound before": Timer("compiled.eval(bound).value()", globals=names),
    }


def measured() -> dict[str, float]:
    """Microseconds of one evaluation of each."""
    least: dict[str, float] = {}
    timers = runs()
    for _ in range(ROUNDS):
        for name, timer in timers.items():
            least[name] = min(timer.timeit(CALLS) / CALLS * 1e6, least.get(name, 1e9))
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    found = measured()
    if parser.parse_args().json:
        print(json.dumps(found))
        return
    print(CONDITION)
    for name, cost in found.items():
        print(f"{name:40} {cost:8.3f} µs   {cost / found['condition']:7.1f} x")


if __name__ == "__main__":
    main()
