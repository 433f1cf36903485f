"""What metrics tell apart."""

from streams.metrics import DESCRIBED

CODES = {"material", "lot", "batch", "shipment", "product", "supplier", "subject", "order", "deviation", "id", "event"}


def test_no_metric_is_labelled_with_the_code_of_a_good_a_lot_or_an_order() -> None:
    assert [(one.name, one.labels) for one in DESCRIBED if CODES & set(one.labels)] == []
