"""How many values a cumulative sum takes until it alarms, on average: how soon it sees a shift, how often it errs.

The average run length L of a one-sided sum on independent normal values solves the integral equation
L(s) = 1 + L(0) Phi(k - s - d) + integral over 0 < y < h of L(y) phi(y + k - s - d), s the sum at the start and d the true
shift (Page 1954); here by Gauss-Legendre nodes, as Goel and Wu (1971) did. Slack k, threshold h and shift are in
standard deviations of the single values.
"""

import math
from typing import Final

import numpy as np

NODES: Final = 64
"""More do not move the sixth digit for thresholds up to 10."""


def one_sided_average_run_length(slack: float, threshold: float, shift: float) -> float:
    """Values until the upper sum, begun at zero, exceeds the threshold, on average."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    points = np.concatenate(([0.0], (nodes + 1) * threshold / 2))
    away = points[None, :] + slack - points[:, None] - shift
    kernel = np.exp(-(away**2) / 2) / math.sqrt(2 * math.pi)
    kernel[:, 1:] *= weights * threshold / 2
    kernel[:, 0] = [_normal(slack - point - shift) for point in points]
    return float(np.linalg.solve(np.eye(len(points)) - kernel, np.ones(len(points)))[0])


def average_run_length(slack: float, threshold: float, shift: float = 0.0) -> float:
    """Values until either sum exceeds the threshold, on average, the mean being `shift` off: 1/L = 1/L(up) + 1/L(down)."""
    up, down = (one_sided_average_run_length(slack, threshold, way) for way in (shift, -shift))
    return 1 / (1 / up + 1 / down)


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2
