"""Dice that fall the same way for the same seed and the same thing, whatever happens to other things."""

from random import Random


def dice(seed: int, *about: object) -> Random:
    """A generator of its own for each thing, so that a disruption here does not change the luck there."""
    return Random("/".join(map(str, (seed, *about))))  # noqa: S311 - a simulation, no secret
