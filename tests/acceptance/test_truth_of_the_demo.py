"""What the service says of a world is true: it warns of all that goes wrong before it hurts, and of nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

from streams.demo.run import truths_of
from streams.demo.summary import Alarms, DisruptionSeen, Figures, Truth, alarms, summarise
from streams.simulation.disruptions import all_seven
from tests.acceptance.worlds import Lived, lived

SEED = 1
FEW = 0.1
"""The part of all alarms that nothing may have caused in a world where much goes wrong."""


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return lived(tmp_path_factory.mktemp("disturbed"), SEED, all_seven())


@pytest.fixture(scope="module")
def truths(disturbed: Lived) -> list[Truth]:
    return truths_of(disturbed.world)


@pytest.fixture(scope="module")
def told(disturbed: Lived, truths: list[Truth]) -> tuple[DisruptionSeen, ...]:
    figures = Figures(events=0, seconds=0, rejected={}, messages={}, possible_repeats=0)
    return summarise(disturbed.courses, truths, figures).disruptions


def test_an_undisturbed_network_calls_nobody(tmp_path: Path) -> None:
    calm = lived(tmp_path, SEED)
    assert calm.world.state.shortages == []
    assert alarms(calm.courses, []) == Alarms(urgent=0, caused=0), [c.alert for c in calm.courses if c.urgent_at]


def test_every_disruption_is_told_of_before_anybody_goes_without(told: tuple[DisruptionSeen, ...]) -> None:
    assert {one.kind for one in told} == {disruption.kind for disruption in all_seven()}
    for one in told:
        assert one.true_impact_on is not None, one
        assert one.first_alert_at is not None, one
        assert one.first_alert_at.date() + timedelta(days=3) <= one.true_impact_on, one


def test_hardly_anybody_is_called_without_cause(disturbed: Lived, truths: list[Truth]) -> None:
    called = alarms(disturbed.courses, truths)
    assert called.urgent > 0
    assert called.urgent - called.caused <= FEW * called.urgent


def test_a_disruption_is_not_blamed_for_what_fared_well(disturbed: Lived, truths: list[Truth]) -> None:
    everything = len(disturbed.world.state.every_batch) + len(disturbed.world.state.every_shipment)
    assert all(len(truth.subjects) < everything / 10 for truth in truths)
