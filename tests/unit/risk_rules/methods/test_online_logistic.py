"""Weights are learned case by case, and follow when the world changes."""

import random

import pytest

from risk_rules.methods.log_odds import expit
from risk_rules.methods.online_logistic import OnlineLogistic


def cases(count: int, weights: tuple[float, ...], seed: int = 1) -> list[tuple[list[float], bool]]:
    luck = random.Random(seed)
    made: list[tuple[list[float], bool]] = []
    for _ in range(count):
        inputs = [1.0, luck.gauss(0, 1), luck.gauss(0, 1)]
        odds = sum(weight * value for weight, value in zip(weights, inputs, strict=True))
        made.append((inputs, luck.random() < expit(odds)))
    return made


def test_known_weights_are_found() -> None:
    model = OnlineLogistic.before([0.0] * 3, [1.0] * 3, 0.0)
    for inputs, true in cases(5000, (-1.0, 0.8, 0.0)):
        model.learn(inputs, true)
    assert model.weights == pytest.approx([-1.0, 0.8, 0.0], abs=0.12)


def test_with_drift_weights_follow_a_change_that_they_would_else_resist() -> None:
    moved: dict[float, float] = {}
    for drift in (0.0, 0.01):
        model = OnlineLogistic.before([0.0] * 3, [1.0] * 3, drift)
        for day, (inputs, true) in enumerate(cases(2000, (0.0, 1.0, 0.0)) + cases(300, (0.0, -1.0, 0.0), seed=2)):
            model.pass_to(day)
            model.learn(inputs, true)
        moved[drift] = model.weights[1]
    assert moved[0.01] < -0.3 < 0.3 < moved[0.0]


def test_what_the_offset_explains_is_not_learned_again() -> None:
    model = OnlineLogistic.before([0.0], [0.5], 0.0)
    luck = random.Random(4)
    for _ in range(3000):
        model.learn([1.0], luck.random() < expit(1.5), offset=1.5)
    assert model.weights[0] == pytest.approx(0.0, abs=0.1)


def test_an_earlier_day_changes_nothing() -> None:
    model = OnlineLogistic.before([0.0], [1.0], 0.1)
    model.pass_to(10)
    model.pass_to(20)
    before = model.covariance[0][0]
    model.pass_to(15)
    assert (model.covariance[0][0], model.day) == (before, 20)
    assert before == pytest.approx(2.0)


def test_one_step_is_that_of_the_formula() -> None:
    model = OnlineLogistic.before([0.0, 0.0], [1.0, 1.0], 0.0)
    model.learn([1.0, 2.0], true=True)
    scale = 1 / (1 + 0.25 * 5)
    assert model.weights == pytest.approx([0.5 * scale, 1.0 * scale])
    assert model.covariance[0] == pytest.approx([1 - 0.25 * scale, -0.5 * scale])
    assert model.covariance[1] == pytest.approx([-0.5 * scale, 1 - scale])
