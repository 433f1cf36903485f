"""The list of metrics keeps Prometheus' conventions, and its page is current."""

from pathlib import Path

import pytest

from streams import metrics
from streams.metrics import DESCRIBED, Described

UNITS = {"records": "records", "seconds": "seconds", "messages": "messages"}
UNBOUNDED = {"lot", "batch", "shipment", "deviation", "po", "material", "subject", "event"}


@pytest.mark.parametrize("metric", DESCRIBED, ids=lambda metric: metric.name)
def test_each_metric_is_named_by_convention_and_says_what_to_do(metric: Described) -> None:
    assert metric.name.startswith("bellwether_")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    if metric.kind in ("gauge", "histogram") and metric.unit in UNITS:
        assert metric.name.endswith(UNITS[metric.unit])
    assert metric.meaning.endswith(".")
    assert len(metric.to_do) > 20
    assert not UNBOUNDED & set(metric.labels)


def test_the_page_of_metrics_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "metrics.md"
    assert page.read_text(encoding="utf-8") == metrics.markdown(), "run: bellwether schema metrics > docs/metrics.md"
