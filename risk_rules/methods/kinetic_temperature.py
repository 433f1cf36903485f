"""How warm a load has been, by what warmth does to it: mean kinetic temperature and excursions.

T_K = (dH/R) / -ln(mean(exp(-dH / (R T_i)))), Haynes (1971), USP <1079.2>; dH = 83.144 kJ/mol, so dH/R = 10,000 K. The mean
is over readings that stand for equal stretches of time. A long window hides an excursion, so the window is an argument.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

ACTIVATION_KELVIN = 10_000.0
ZERO_CELSIUS = 273.15


def mean_kinetic_temperature(celsius: Iterable[float]) -> float:
    """The mean kinetic temperature of some readings, in degrees Celsius. Raises `ValueError` without readings."""
    rates = [math.exp(-ACTIVATION_KELVIN / (reading + ZERO_CELSIUS)) for reading in celsius]
    if not rates:
        raise ValueError("no readings to take a mean kinetic temperature of")
    return ACTIVATION_KELVIN / -math.log(math.fsum(rates) / len(rates)) - ZERO_CELSIUS


def greatest_in_window(readings: Sequence[tuple[float, float]], window_hours: float) -> float | None:
    """The greatest mean kinetic temperature of any stretch of `window_hours` that ends with a reading, in degrees Celsius.

    `readings` are (hours since any fixed moment, degrees Celsius), in order of time. None without readings.
    """
    hours = [moment for moment, _ in readings]
    rates = [math.exp(-ACTIVATION_KELVIN / (celsius + ZERO_CELSIUS)) for _, celsius in readings]
    greatest = 0.0
    for last, moment in enumerate(hours):
        first = bisect_left(hours, moment - window_hours, 0, last + 1)
        greatest = max(greatest, math.fsum(rates[first : last + 1]) / (last + 1 - first))
    return ACTIVATION_KELVIN / -math.log(greatest) - ZERO_CELSIUS if readings else None


def excursion_minutes(
    readings: Sequence[tuple[float, float]],
    least: float | None,
    greatest: float | None,
    ignore_minutes: float = 10.0,
) -> float:
    """Minutes out of the range `least` to `greatest` (degrees Celsius; None: no limit), beyond the ignore period.

    `readings` are (minutes since any fixed moment, degrees Celsius), in order of time. A reading holds until the next one.
    Each uninterrupted excursion counts with what it lasts beyond `ignore_minutes`, so that an open door is no excursion.
    """

    def is_out(celsius: float) -> bool:
        return (least is not None and celsius < least) or (greatest is not None and celsius > greatest)

    total = lasting = 0.0
    for (moment, celsius), (following, _) in pairwise(readings):
        if is_out(celsius):
            lasting += following - moment
        else:
            total += max(lasting - ignore_minutes, 0.0)
            lasting = 0.0
    return total + max(lasting - ignore_minutes, 0.0)
