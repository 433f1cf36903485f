"""The types that values of an expression have."""

from enum import StrEnum


class Type(StrEnum):
    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    LIST = "list"
    MAP = "map"
    NULL = "null"

    @property
    def named(self) -> str:
        """With its article, for a sentence."""
        return f"an {self}" if self is Type.INT else f"a {self}"


NUMBERS = (Type.INT, Type.DOUBLE)

Value = bool | int | float | str


def type_of(value: Value) -> Type:
    """The type of a constant."""
    if isinstance(value, bool):
        return Type.BOOL
    if isinstance(value, int):
        return Type.INT
    if isinstance(value, float):
        return Type.DOUBLE
    return Type.STRING
