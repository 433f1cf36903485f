"""How warm a load has been, by what warmth does to it: mean kinetic temperature and excursions.

T_K = (dH/R) / -ln(mean(exp(-dH / (R T_i)))) (Haynes 1971; USP <1079.2>); dH = 83.144 kJ/mol, so dH/R = 10,000 K. The
mean is over readings that stand for equal stretches of time. A long window hides an excursion, so it is an argument.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

ACTIVATION_KELVIN = 10_000.0
ZERO_CELSIUS = 273.15


def mean_kinetic_temperature(celsius: Iterable[float]) -> float:
    """The mean kinetic temperature of some readings, in degrees Celsius. Raises `ValueError` without readings."""
    exponents = [_exponent(reading) for reading in celsius]
    if not exponents:
        raise ValueError("no readings to take a mean kinetic temperature of")
    warmest = max(exponents)
    return _celsius(math.fsum(math.exp(exponent - warmest) for exponent in exponents) / len(exponents), warmest)


def greatest_in_window(readings: Sequence[tuple[float, float]], window_hours: float) -> float | None:
    """The greatest mean kinetic temperature of any `window_hours` that end with a reading, in degrees Celsius.

    `readings` are (hours since any fixed moment, degrees Celsius), in order of time. None without readings.
    """
    if not readings:
        return None
    hours = [moment for moment, _ in readings]
    exponents = [_exponent(celsius) for _, celsius in readings]
    warmest = max(exponents)
    sums = list(accumulate((math.exp(exponent - warmest) for exponent in exponents), initial=0.0))
    greatest = 0.0
    for last, moment in enumerate(hours):
        first = bisect_left(hours, moment - window_hours, 0, last + 1)
        greatest = max(greatest, (sums[last + 1] - sums[first]) / (last + 1 - first))
    return _celsius(greatest, warmest)


def excursion_minutes(
    readings: Sequence[tuple[float, float]],
    least: float | None,
    greatest: float | None,
    ignore_minutes: float = 10.0,
) -> float:
    """Minutes out of the range `least` to `greatest` (degrees Celsius; None: no limit), beyond the ignore period.

    `readings` are (minutes since any fixed moment, degrees Celsius), in order of time. A reading holds until the next
    one. Each uninterrupted excursion counts with what it lasts beyond `ignore_minutes`: an open door is none.
    """
    total = lasting = 0.0
    for (moment, celsius), (following, _) in pairwise(readings):
        if (least is not None and celsius < least) or (greatest is not None and celsius > greatest):
            lasting += following - moment
        else:
            total += max(lasting - ignore_minutes, 0.0)
            lasting = 0.0
    return total + max(lasting - ignore_minutes, 0.0)


def _exponent(celsius: float) -> float:
    return -ACTIVATION_KELVIN / (celsius + ZERO_CELSIUS)


def _celsius(mean_rate: float, warmest: float) -> float:
    """The temperature of a mean rate that was divided by exp(`warmest`), so that deep cold does not end in a zero."""
    return -ACTIVATION_KELVIN / (math.log(mean_rate) + warmest) - ZERO_CELSIUS
