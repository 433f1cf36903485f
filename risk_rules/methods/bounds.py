"""The numbers that a method can take: what is not one is refused by name, before it spoils a figure."""

import math


def finite(value: float) -> float:
    """The value. Raises `ValueError` for one that is none: it would stay in a running sum for ever."""
    if not math.isfinite(value):
        raise ValueError(f"a chart cannot take the value {value}: leave out what is not known")
    return value


def checked(name: str, value: float, least: float, greatest: float = math.inf, *, above: bool = False) -> None:
    """Raises `ValueError` unless `least <= value <= greatest` (with `above`: `least < value`)."""
    if not (least < value if above else least <= value) or not value <= greatest or not math.isfinite(value):
        reach = f"above {least:g}" if above else f"at least {least:g}"
        most = "" if math.isinf(greatest) else f" and at most {greatest:g}"
        raise ValueError(f"{name} is {value}: it must be {reach}{most}")
