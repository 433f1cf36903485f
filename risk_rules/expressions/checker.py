"""Finds the type of every part of an expression, and what does not fit, before anything is evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from risk_rules.expressions import call_types, operator_types
from risk_rules.expressions.definitions import expanded
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.functions import TYPE_NAMES
from risk_rules.expressions.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    Logic,
    MapOf,
    Measure,
    Name,
    Node,
    Select,
    Unary,
)
from risk_rules.expressions.types import NUMBERS, Constant, Type, Value, accepts, common, join, type_of
from risk_rules.problems import did_you_mean

DEEPEST = 100
"""Levels of the tree; below this neither the check nor Python's compiler comes near the end of the stack."""

MOST_NAMED = 4
"""Types that an error counts up; more say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What an expression may name: features, which change, constants (parameters), which do not, and definitions.

    `units` are those of features and constants that count in a unit of time: `5 d` beside one of them is a number.
    """

    features: Mapping[str, Type]
    constants: Mapping[str, Value] = field(default_factory=dict[str, Value])
    definitions: Mapping[str, Node] = field(default_factory=dict[str, Node])
    units: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An expression that fits together. `types` is by the identity of the node; `features` are those that it uses.

    `settled` are the nodes whose value is known from the text and their place: measures, names of types, literals that
    a function was given. `metered` says that its cost depends on the data, so that it is counted.
    """

    node: Node
    type: Type
    types: Mapping[int, Type]
    features: frozenset[str]
    constants: Mapping[str, Value]
    settled: Mapping[int, Constant] = field(default_factory=dict[int, Constant])
    metered: bool = False


def check(node: Node, environment: Environment, wanted: Sequence[Type] = ()) -> Checked:
    """The typed expression. `wanted` are the types that it may have (none: any). Raises `ExpressionError`."""
    node = expanded(node, environment.definitions)
    checker = Checker(environment)
    found = checker.type(node)
    if wanted and Type.NULL not in wanted:
        checker.refuse_null(node)
    if wanted and found not in wanted:
        hint = f"say which it is: {wanted[0]}(...)" if found.is_open else ""
        message = f"this is {found.named}, but {either(wanted)} is needed here"
        raise ExpressionError(node.start, message, hint, end=node.end)
    return Checked(
        node=node,
        type=found.settled,
        types=checker.types,
        features=frozenset(checker.features),
        constants=environment.constants,
        settled=checker.settled,
        metered=checker.metered or not (found.is_plain or found == Type.NULL),
    )


class Checker:
    """The check of one expression. `variables` are those of the macros around the node that is looked at."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.types: dict[int, Type] = {}
        self.settled: dict[int, Constant] = {}
        self.features: set[str] = set()
        self.nullable: set[int] = set()
        self.variables: dict[str, Type] = {}
        self.metered = False
        self.depth = 0

    def type(self, node: Node) -> Type:
        if id(node) in self.types:
            return self.types[id(node)]
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(node.start, f"more than {DEEPEST} operations in one another", "split the rule")
        found = self._type(node)
        self.depth -= 1
        self.types[id(node)] = found
        outcomes = (node.then, node.otherwise) if isinstance(node, Conditional) else ()
        if found == Type.NULL or any(id(outcome) in self.nullable for outcome in outcomes):
            self.nullable.add(id(node))
        return found

    def _type(self, node: Node) -> Type:
        match node:
            case Literal():
                return Type.NULL if node.value is None else type_of(node.value)
            case Measure():
                return operator_types.measure(self, node)
            case Name():
                return self._name(node)
            case Unary():
                return self._unary(node)
            case Logic():
                for operand in node.operands:
                    self.need(operand, (Type.BOOL,), node.operator)
                return Type.BOOL
            case Binary():
                return operator_types.binary(self, node)
            case Conditional():
                self.need(node.condition, (Type.BOOL,), "?")
                outcomes = (node.then, node.otherwise)
                return self.common(outcomes, "the two outcomes of ? differ in type", may_be_null=True)
            case _:
                return self._compound(node)

    def _compound(self, node: ListOf | MapOf | Select | Index | Call | Comprehension) -> Type:
        match node:
            case ListOf():
                return Type.list(common([self.held(item) for item in node.items]))
            case MapOf():
                return call_types.mapping(self, node)
            case Select():
                return self._select(node)
            case Index():
                return call_types.index(self, node)
            case Call():
                return call_types.call(self, node)
            case Comprehension():
                return call_types.comprehension(self, node)

    def _unary(self, node: Unary) -> Type:
        if node.operator == "!":
            self.need(node.operand, (Type.BOOL,), "!")
            return Type.BOOL
        return self.need(node.operand, NUMBERS, "-")

    def _name(self, node: Name) -> Type:
        environment = self.environment
        if node.name in self.variables:
            return self.variables[node.name]
        if node.name in environment.constants:
            return type_of(environment.constants[node.name])
        if node.name in environment.features:
            self.features.add(node.name)
            return environment.features[node.name]
        if node.name in TYPE_NAMES:
            self.settled[id(node)] = TYPE_NAMES[node.name]
            return Type.TYPE
        known = [*self.variables, *environment.features, *environment.constants, *environment.definitions]
        hint = did_you_mean(node.name, known) or "a text goes in quotes"
        raise ExpressionError(node.start, f"{node.name} is not known here", hint, end=node.end)

    def _select(self, node: Select) -> Type:
        path = call_types.qualified(node)
        if path in TYPE_NAMES and not self.knows(path.partition(".")[0]):
            self.settled[id(node)] = TYPE_NAMES[path]
            return Type.TYPE
        operand = self.type(node.operand)
        if operand.is_open:
            return Type.DYN
        if operand.base != "map":
            message = f"{node.field} is asked of {named(node.operand, operand)}, but only maps have fields"
            raise ExpressionError(node.start, message, "use a feature by its plain name", end=node.end)
        return operand.parameters[1]

    def knows(self, name: str) -> bool:
        """Whether a name stands for a value here."""
        environment = self.environment
        return name in self.variables or name in environment.features or name in environment.constants

    def held(self, node: Node) -> Type:
        """The type under which a list, a map or a macro keeps the value; dyn when it may be null."""
        found = self.type(node)
        return Type.DYN if id(node) in self.nullable and found != Type.NULL else found

    def need(self, node: Node, wanted: Sequence[Type], what: str) -> Type:
        """The type of an operand that must be one of `wanted`, or known only at run time."""
        found = self.type(node)
        self.refuse_null(node)
        if not accepts(wanted, found):
            takes = f"takes {either(wanted)}, not" if len(wanted) <= MOST_NAMED else "cannot take"
            message = f"{what} {takes} {named(node, found)}"
            raise ExpressionError(node.start, message, self.way_out(found, wanted), end=node.end)
        return found

    def way_out(self, found: Type, wanted: Sequence[Type]) -> str:
        if found == Type.STRING and set(wanted) & set(NUMBERS):
            return "a number goes without quotes"
        if found == Type.TIMESTAMP and Type.DATE in wanted:
            return "make a day of it: date(...)"
        return "make a moment of it: timestamp(...)" if found == Type.DATE and Type.TIMESTAMP in wanted else ""

    def refuse_null(self, node: Node) -> None:
        if id(node) in self.nullable:
            hint = "compare with null, or use coalesce"
            raise ExpressionError(node.start, "null cannot be used here", hint, end=node.end)

    def common(self, nodes: Sequence[Node], complaint: str, *, may_be_null: bool = False) -> Type:
        """The one type of several values: int and double make double, null goes with any."""
        found = [self.type(node) for node in nodes]
        for node in () if may_be_null else nodes:
            self.refuse_null(node)
        joined = Type.NULL
        for node, kind in zip(nodes, found, strict=True):
            if kind == Type.NULL:
                continue
            both = kind if joined == Type.NULL else join(joined, kind)
            if both is None and {joined, kind} <= set(NUMBERS):
                both = Type.DOUBLE
            if both is None:
                raise ExpressionError(node.start, complaint, ", ".join(sorted({joined, kind})), end=node.end)
            joined = both
        return joined


def named(node: Node, found: Type) -> str:
    """`a double`, or of a feature `x, which is a double`."""
    return f"{node.name}, which is {found.named}" if isinstance(node, Name) else found.named


def either(types: Sequence[Type]) -> str:
    """`an int or a double`."""
    return " or ".join(kind.named for kind in types)
