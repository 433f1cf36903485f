"""The types that values of an expression have: those of CEL, and calendar days as a type of their own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final, TypeAlias


class UInt(int):
    """A whole number of CEL's unsigned kind: 0 to 2**64 - 1."""

    __slots__ = ()


class Null:
    """The value null as the outcome of an expression or in a list (None is: unknown)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "null"


NOTHING: Final = Null()


class Type(str):
    """A type by its name, `int` or `map(string, list(double))`; two are equal when their names are.

    `parameters` are the types of the items of a list, or of the keys and values of a map.
    """

    __slots__ = ("parameters",)
    parameters: "tuple[Type, ...]"

    BOOL: ClassVar["Type"]
    INT: ClassVar["Type"]
    UINT: ClassVar["Type"]
    DOUBLE: ClassVar["Type"]
    STRING: ClassVar["Type"]
    BYTES: ClassVar["Type"]
    DATE: ClassVar["Type"]
    TIMESTAMP: ClassVar["Type"]
    DURATION: ClassVar["Type"]
    NULL: ClassVar["Type"]
    TYPE: ClassVar["Type"]
    DYN: ClassVar["Type"]
    """Known only when the expression is evaluated."""
    FREE: ClassVar["Type"]
    """Of what an empty list or map holds: goes with anything."""
    LIST: ClassVar["Type"]
    MAP: ClassVar["Type"]

    def __new__(cls, name: str, *parameters: "Type") -> "Type":
        made = super().__new__(cls, f"{name}({', '.join(parameters)})" if parameters else name)
        made.parameters = parameters
        return made

    @classmethod
    def list(cls, item: "Type") -> "Type":
        return cls("list", item)

    @classmethod
    def map(cls, key: "Type", value: "Type") -> "Type":
        return cls("map", key, value)

    @property
    def base(self) -> str:
        """The name without the parameters: `list` of `list(int)`."""
        return str(self).partition("(")[0]

    @property
    def is_open(self) -> bool:
        """Whether values of it must be looked at before an operation on them is chosen."""
        return self in (Type.DYN, Type.FREE)

    @property
    def is_plain(self) -> bool:
        """Whether Python compares its values as CEL does: no list, map or unknown kind."""
        return not self.parameters and not self.is_open and self != Type.NULL

    @property
    def settled(self) -> "Type":
        """With dyn for what is still free."""
        if self == Type.FREE:
            return Type.DYN
        return Type(self.base, *(part.settled for part in self.parameters)) if self.parameters else self

    @property
    def named(self) -> str:
        """With its article, for a sentence."""
        if self.parameters and all(part.is_open for part in self.parameters):
            return f"a {self.base}"
        return f"an {self}" if self == "int" else f"a {self.settled}"


for _name in (
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "date",
    "timestamp",
    "duration",
    "null",
    "type",
    "dyn",
):
    setattr(Type, _name.upper(), Type(_name))
Type.FREE = Type("_")
Type.LIST = Type.list(Type.DYN)
Type.MAP = Type.map(Type.DYN, Type.DYN)

NUMBERS = (Type.INT, Type.DOUBLE)
ALL_NUMBERS = (*NUMBERS, Type.UINT)
MAY_BE_NULL = (Type.NULL, Type.TIMESTAMP, Type.DURATION, Type.DYN, Type.FREE)
"""Types of which CEL compares a value with null."""

Value = bool | int | float | str

Constant: TypeAlias = bool | int | float | str | bytes | timedelta | Type | None

KINDS: Final[dict[type[Any], Type]] = {
    bool: Type.BOOL,
    int: Type.INT,
    UInt: Type.UINT,
    float: Type.DOUBLE,
    str: Type.STRING,
    bytes: Type.BYTES,
    date: Type.DATE,
    datetime: Type.TIMESTAMP,
    timedelta: Type.DURATION,
    list: Type("list"),
    tuple: Type("list"),
    dict: Type("map"),
    Null: Type.NULL,
    type(None): Type.NULL,
    Type: Type.TYPE,
}
"""Class of a value -> its type, without the parameters. Nothing else is a value."""

_NO_VALUE = Type("none")


def kind_of(value: object) -> Type:
    """The type of a value at run time; a list or map without its parameters."""
    return KINDS.get(type(value), _NO_VALUE)


def type_of(value: object) -> Type:
    """The type of a constant."""
    return KINDS[type(value)]


def join(left: Type, right: Type) -> Type | None:
    """The type that values of both have, None when there is none. What is known only at run time goes with anything."""
    if left == right or right == Type.FREE:
        return left
    if left == Type.FREE:
        return right
    if Type.DYN in (left, right):
        return Type.DYN
    if Type.NULL in (left, right):
        other = right if left == Type.NULL else left
        return other if other in MAY_BE_NULL else None
    if not left.parameters or left.base != right.base:
        return None
    joined = [join(one, other) for one, other in zip(left.parameters, right.parameters, strict=True)]
    return None if None in joined else Type(left.base, *(part for part in joined if part is not None))


def common(types: Sequence[Type]) -> Type:
    """The type of the items of a list: dyn when they differ, free when there are none."""
    found = Type.FREE
    for kind in types:
        found = join(found, kind) or Type.DYN
    return found


def accepts(wanted: Sequence[Type], found: Type) -> bool:
    """Whether a value of type `found` may stand where one of `wanted` is needed."""
    return found.is_open or any(one.is_open or (one.base == found.base and join(one, found)) for one in wanted)
