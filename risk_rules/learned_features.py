"""The features that are learned: what became of orders, lots and shipments, by supplier and by lane.

They are worked out when something of the subject has moved, or a rule must look again; time alone does not move them.
"""

from risk_rules.expressions.types import Type
from risk_rules.feature import COUNTS, SERIES, Feature

TEXT, WHOLE, NUMBER, TRUTH, DAY = Type.STRING, Type.INT, Type.DOUBLE, Type.BOOL, Type.DATE

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

OUTLOOK = (
    Feature(
        "learned_lead_days", NUMBER, "days", "from an order of it until half has come, the median of all suppliers"
    ),
    Feature("learned_lead_p90_days", NUMBER, "days", "the same, which nine in ten orders do not exceed"),
    Feature(
        "stockout_chance", NUMBER, "", "that it runs out before goods ordered now can come (13 weeks at most), 0 to 1"
    ),
    Feature("stockout_possible_in_days", WHOLE, "days", "until the chance that it has run out passes 5 %"),
    Feature("stockout_likely_in_days", WHOLE, "days", "until that chance passes 50 %"),
    Feature("stockout_sure_in_days", WHOLE, "days", "until that chance passes 95 %"),
    Feature("stockout_likely_on", DAY, "", "the day on which that chance passes 50 %; none within 13 weeks"),
    Feature("sources", WHOLE, "", "suppliers that it was received from in the last year, else those of the network"),
    Feature("single_source", TRUTH, "", "there is but one of them"),
    Feature("greatest_source", TEXT, "", "the one that gives most"),
    Feature("greatest_source_share", NUMBER, "", "its part, 0 to 1"),
    Feature("herfindahl", NUMBER, "", "sum of the squares of their parts; 1 is a single source, 1/n are n equal ones"),
)

LINE_FLOW = (
    Feature("in_process", WHOLE, "", "batches that were started on it and are not finished"),
    Feature(
        "cycle_days_median", NUMBER, "days", "from start to finish of a batch, the median of half a year, open ones too"
    ),
    Feature("cycle_days_p90", NUMBER, "days", "the same, which nine in ten batches do not exceed"),
    Feature("cycle_times", SERIES, "days", "the same by batch, in order of finish"),
    Feature("batches_finished", WHOLE, "", "batches that were finished on it in the last half year"),
    Feature("right_first_time", NUMBER, "", "the part of them that no deviation ever named, 0 to 1"),
    Feature("right_first_time_lower", NUMBER, "", "what that part truly is at least, at 95 % confidence"),
    Feature("first_times", SERIES, "", "1 for a batch that no deviation named, else 0, in order of finish"),
)
