"""Finds the type of every part of an expression, and what does not fit, before anything is evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from risk_rules.expressions.definitions import expanded
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.functions import FUNCTIONS, METHODS, Function
from risk_rules.expressions.syntax import Binary, Call, Conditional, ListOf, Literal, Logic, Name, Node, Unary
from risk_rules.expressions.types import NUMBERS, Type, Value, type_of
from risk_rules.problems import did_you_mean

DEEPEST = 100
"""Levels of the tree; below this neither the check nor Python's compiler comes near the end of the stack."""

MACROS = ("has", "coalesce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What an expression may name: features, which change, constants (parameters), which do not, and definitions."""

    features: Mapping[str, Type]
    constants: Mapping[str, Value] = field(default_factory=dict[str, Value])
    definitions: Mapping[str, Node] = field(default_factory=dict[str, Node])


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An expression that fits together. `types` is by the identity of the node; `features` are those that it uses."""

    node: Node
    type: Type
    types: Mapping[int, Type]
    features: frozenset[str]
    constants: Mapping[str, Value]


def check(node: Node, environment: Environment, wanted: Sequence[Type] = ()) -> Checked:
    """The typed expression. `wanted` are the types that it may have (none: any). Raises `ExpressionError`."""
    node = expanded(node, environment.definitions)
    checker = _Checker(environment)
    found = checker.type(node)
    if Type.NULL not in wanted:
        checker.refuse_null(node)
    if wanted and found not in wanted:
        raise ExpressionError(node.start, f"this is {found.named}, but {_either(wanted)} is needed here")
    return Checked(
        node=node,
        type=found,
        types=checker.types,
        features=frozenset(checker.features),
        constants=environment.constants,
    )


class _Checker:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.types: dict[int, Type] = {}
        self.features: set[str] = set()
        self.nullable: set[int] = set()
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
        if found is Type.NULL or any(id(outcome) in self.nullable for outcome in outcomes):
            self.nullable.add(id(node))
        return found

    def _type(self, node: Node) -> Type:
        match node:
            case Literal():
                return Type.NULL if node.value is None else type_of(node.value)
            case Name():
                return self._name(node)
            case Unary():
                return self._need(node.operand, (Type.BOOL,) if node.operator == "!" else NUMBERS, node.operator)
            case Logic():
                for operand in node.operands:
                    self._need(operand, (Type.BOOL,), node.operator)
                return Type.BOOL
            case Binary():
                return self._binary(node)
            case Conditional():
                self._need(node.condition, (Type.BOOL,), "?")
                outcomes = (node.then, node.otherwise)
                return self._common(outcomes, "the two outcomes of ? differ in type", may_be_null=True)
            case ListOf():
                raise ExpressionError(node.start, "a list can only stand after in", 'write status in ["a", "b"]')
            case Call():
                return self._call(node)

    def _name(self, node: Name) -> Type:
        constants, features = self.environment.constants, self.environment.features
        if node.name in constants:
            return type_of(constants[node.name])
        if node.name not in features:
            hint = (
                did_you_mean(node.name, [*features, *constants, *self.environment.definitions])
                or "a text goes in quotes"
            )
            raise ExpressionError(node.start, f"{node.name} is not known here", hint)
        self.features.add(node.name)
        return features[node.name]

    def _need(self, node: Node, wanted: Sequence[Type], what: str) -> Type:
        found = self.type(node)
        self.refuse_null(node)
        if found not in wanted:
            raise ExpressionError(node.start, f"{what} takes {_either(wanted)}, not {_named(node, found)}")
        return found

    def refuse_null(self, node: Node) -> None:
        if id(node) in self.nullable:
            raise ExpressionError(node.start, "null cannot be used here", "compare with null, or use coalesce")

    def _common(self, nodes: Sequence[Node], complaint: str, *, may_be_null: bool = False) -> Type:
        """The one type of several values: int and double make double, null goes with any."""
        found = [self.type(node) for node in nodes]
        for node in () if may_be_null else nodes:
            self.refuse_null(node)
        kinds = {kind for kind in found if kind is not Type.NULL}
        if kinds and kinds <= set(NUMBERS):
            return Type.DOUBLE if Type.DOUBLE in kinds else Type.INT
        if len(kinds) > 1:
            odd = next(node for node, kind in zip(nodes, found, strict=True) if kind not in (found[0], Type.NULL))
            raise ExpressionError(odd.start, complaint, f"{', '.join(sorted(kinds))}")
        return next(iter(kinds), Type.NULL)

    def _binary(self, node: Binary) -> Type:
        match node.operator:
            case "in":
                return self._membership(node)
            case "==" | "!=":
                return self._equality(node)
            case "<" | "<=" | ">" | ">=":
                self._ordered(node)
                return Type.BOOL
            case "+" if self.type(node.left) is Type.STRING:
                return self._need(node.right, (Type.STRING,), "+ after a string")
            case "-" if self.type(node.left) is Type.DATE:
                self._need(node.right, (Type.DATE,), "- after a date")
                return Type.INT
            case operator:
                left, right = (self._need(side, NUMBERS, operator) for side in (node.left, node.right))
                if operator == "%" and Type.DOUBLE in (left, right):
                    raise ExpressionError(node.at, "% takes ints", "wrap doubles in int()")
                return Type.DOUBLE if Type.DOUBLE in (left, right) else Type.INT

    def _ordered(self, node: Binary) -> None:
        left = self._need(node.left, (*NUMBERS, Type.STRING, Type.DATE, Type.TIMESTAMP), node.operator)
        self._need(node.right, NUMBERS if left in NUMBERS else (left,), f"{node.operator} after {left.named}")

    def _equality(self, node: Binary) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        if Type.NULL in (left, right):
            other = node.right if left is Type.NULL else node.left
            if not isinstance(other, Name) or other.name in self.environment.constants:
                raise ExpressionError(other.start, "only a feature can be null", "compare the feature itself with null")
            return Type.BOOL
        self.refuse_null(node.left)
        self.refuse_null(node.right)
        if left is not right and not {left, right} <= set(NUMBERS):
            raise ExpressionError(node.at, f"{left.named} can never equal {right.named}", "compare values of one type")
        return Type.BOOL

    def _membership(self, node: Binary) -> Type:
        if not isinstance(node.right, ListOf):
            raise ExpressionError(node.right.start, "a list is needed after in", 'write status in ["a", "b"]')
        if not node.right.items:
            raise ExpressionError(node.right.start, "the list is empty", "name at least one value")
        self._common((node.left, *node.right.items), "the list has values of another type")
        return Type.BOOL

    def _call(self, node: Call) -> Type:
        if node.receiver is None and node.function in MACROS:
            return self._macro(node)
        known = FUNCTIONS if node.receiver is None else METHODS
        function = known.get(node.function)
        if function is None:
            hint = did_you_mean(node.function, [*known, *MACROS]) or f"known are {', '.join(sorted(known))}"
            raise ExpressionError(node.start, f"there is no function {node.function}", hint)
        arguments = node.arguments if node.receiver is None else (node.receiver, *node.arguments)
        self._count(node, function, len(arguments))
        for index, argument in enumerate(arguments):
            takes = function.takes[min(index, len(function.takes) - 1)]
            self._need(argument, takes, node.function)
        return function.gives or self._common(arguments, f"{node.function} takes values of one type")

    def _count(self, node: Call, function: Function, given: int) -> None:
        wanted = len(function.takes)
        if given == wanted or (function.many and given > wanted):
            return
        least = "at least " if function.many else ""
        of_receiver = 0 if node.receiver is None else 1
        message = f"{node.function} takes {least}{wanted - of_receiver} values, not {given - of_receiver}"
        raise ExpressionError(node.start, message)

    def _macro(self, node: Call) -> Type:
        if node.function == "has":
            if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
                raise ExpressionError(node.start, "has takes the name of one feature", "write has(shortage_on)")
            self.type(node.arguments[0])
            return Type.BOOL
        if len(node.arguments) < 2:
            raise ExpressionError(node.start, "coalesce takes at least 2 values", "write coalesce(lead_time_days, 30)")
        return self._common(node.arguments, "coalesce takes values of one type")


def _named(node: Node, found: Type) -> str:
    return f"{node.name}, which is {found.named}" if isinstance(node, Name) else found.named


def _either(types: Sequence[Type]) -> str:
    return " or ".join(kind.named for kind in types)
