"""Makes Python functions of compiled expressions, once, when a rulebook is loaded."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from risk_rules.expressions.checker import Checked
from risk_rules.expressions.compiler import Emitter
from risk_rules.expressions.types import NOTHING

__all__ = ["NOTHING", "Features", "selection", "values"]


Features = Mapping[str, Any]


def values(expressions: Sequence[Checked]) -> Callable[[Features], tuple[Any, ...]]:
    """A function that gives the values of all expressions for a mapping of features; None where unknown.

    It raises `KeyError` when a feature that is used is not in the mapping; one that is not known is there as None.
    """
    emitter = Emitter()
    result = ast.Tuple([emitter.value(expression) for expression in expressions], ast.Load())
    return _function(emitter, [ast.Return(result)])


def selection(
    conditions: Sequence[Checked], outcomes: Sequence[Callable[[Features], Any]]
) -> Callable[[Features], tuple[Any, ...]]:
    """A function that gives the outcomes of all conditions that are surely true, in order; () when there is none."""
    emitter = Emitter()
    chosen: list[tuple[ast.expr, ast.expr]] = []
    for number, (condition, outcome) in enumerate(zip(conditions, outcomes, strict=True)):
        name = f"outcome_{number}"
        emitter.globals[name] = outcome
        called = ast.Call(ast.Name(name, ast.Load()), [ast.Name("features", ast.Load())], [])
        chosen.append((emitter.truth(condition), ast.Tuple([called], ast.Load())))
    nothing = ast.Tuple([], ast.Load())
    if len(chosen) == 1:
        [(holds, outcome)] = chosen
        return _function(emitter, [ast.Return(ast.IfExp(holds, outcome, nothing))])
    found = ast.Name("found", ast.Store())
    body: list[ast.stmt] = [ast.Assign([found], nothing)]
    body += [ast.If(holds, [ast.AugAssign(found, ast.Add(), outcome)], []) for holds, outcome in chosen]
    return _function(emitter, [*body, ast.Return(ast.Name("found", ast.Load()))])


def _function(emitter: Emitter, body: list[ast.stmt]) -> Callable[[Features], tuple[Any, ...]]:
    loads: list[ast.stmt] = [
        ast.Assign(
            [ast.Name(f"f_{name}", ast.Store())],
            ast.Subscript(ast.Name("features", ast.Load()), ast.Constant(name), ast.Load()),
        )
        for name in sorted(emitter.features)
    ]
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg("features")], kwonlyargs=[], kw_defaults=[], defaults=[])
    definition = ast.FunctionDef("evaluate", arguments, [*loads, *body], [])
    module = ast.fix_missing_locations(ast.Module([definition], []))
    code = compile(module, "<rulebook>", "exec")
    space: dict[str, Any] = {"__builtins__": {}, **emitter.globals}
    exec(code, space)  # noqa: S102 - the tree holds only what the compiler wrote, no text of a rule
    return space["evaluate"]
