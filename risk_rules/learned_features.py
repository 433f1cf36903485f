"""The features that are learned: what became of orders, lots and shipments, by supplier and by lane.

They are worked out when something of the subject has moved, or a rule must look again; time alone does not move them.
"""

from risk_rules.expressions.types import Type
from risk_rules.feature import COUNTS, SERIES, Feature

TEXT, WHOLE, NUMBER = Type.STRING, Type.INT, Type.DOUBLE

SUPPLIER = (
    Feature("supplier", TEXT, "", "code of the supplier"),
    Feature("lots_rejected", COUNTS, "", "its lots that quality rejected, by the day on which that was first reported"),
    Feature("lots_decided", WHOLE, "", "its lots of the last year that quality accepted or rejected"),
    Feature("lot_acceptance", NUMBER, "", "the part of them that was accepted, 0 to 1"),
    Feature("lot_acceptance_lower", NUMBER, "", "what that part truly is at least, at 95 % confidence"),
    Feature("open_orders", WHOLE, "", "orders that have not come in full"),
    Feature(
        "overdue_orders", WHOLE, "", "of them those that were first promised, or asked for, for a day before today"
    ),
    Feature("lead_time_days", NUMBER, "days", "from an order until half of it has come, the median"),
    Feature("lead_time_p90_days", NUMBER, "days", "the same, which nine in ten orders do not exceed"),
    Feature("lead_times", SERIES, "days", "the same by order, in order of receipt"),
    Feature("otif_orders", WHOLE, "", "orders due in the last year whose time is over"),
    Feature(
        "otif", NUMBER, "", "the part of them that came in full within two working days of the first promise, 0 to 1"
    ),
    Feature("otif_lower", NUMBER, "", "what that part truly is at least, at 95 % confidence"),
)

LANE = (
    Feature("origin", TEXT, "", "where shipments come from"),
    Feature("mode", TEXT, "", "mode of transport"),
    Feature("under_way", WHOLE, "", "shipments that left and were not received"),
    Feature("transit_days", NUMBER, "days", "from departure to receipt, the median of the last year"),
    Feature("transit_p90_days", NUMBER, "days", "the same, which nine in ten shipments do not exceed"),
    Feature("transits", SERIES, "days", "the same by shipment, in order of receipt"),
    Feature(
        "on_time_share",
        NUMBER,
        "",
        "of last year's shipments those received within two days of their first plan, 0 to 1",
    ),
    Feature("on_time_lower", NUMBER, "", "what that part truly is at least, at 95 % confidence"),
)
