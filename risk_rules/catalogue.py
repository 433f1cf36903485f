"""The features that rules may speak of, by the kind of subject, each with its type, its unit and its meaning.

Any feature may be null: null says that it is not known or that there is none.
"""

from collections.abc import Mapping
from types import MappingProxyType

from risk_rules.expressions.types import Type
from risk_rules.feature import Feature
from risk_rules.learned_features import LANE, LINE_FLOW, OUTLOOK, SUPPLIER

TEXT, WHOLE, NUMBER, TRUTH, DAY, MOMENT = Type.STRING, Type.INT, Type.DOUBLE, Type.BOOL, Type.DATE, Type.TIMESTAMP

MOMENTS = Type.map(TEXT, MOMENT)

DISPOSITIONS = ("quarantine", "released", "rejected", "on_hold", "conditional_release", "rework")
BATCH_STATUSES = ("planned", "started", "completed", *DISPOSITIONS[1:], "cancelled")


COMMON = (
    Feature("site", TEXT, "", "code of the site"),
    Feature("partner", TEXT, "", "code of the partner"),
    Feature("silent", TRUTH, "", "the feed of the site is silent or broken: what is known of it may be wrong"),
)

LOT = (
    Feature("material", TEXT, "", "code of the material"),
    Feature("lot", TEXT, "", "number of the lot at the site"),
    Feature("unit", TEXT, "", "unit of the quantities"),
    Feature("status", TEXT, "", "disposition", among=DISPOSITIONS),
    Feature("qty", NUMBER, "uom", "quantity on hand"),
    Feature("usable_qty", NUMBER, "uom", "of it released, not expired and not promised elsewhere"),
    Feature("days_to_expiry", NUMBER, "days", "until the lot expires", signed=True),
    Feature("days_to_retest", NUMBER, "days", "until the lot must be tested again", signed=True),
    Feature("events", WHOLE, "", "number of events that told of the lot"),
)

MATERIAL = (
    Feature("material", TEXT, "", "code of the material"),
    Feature("name", TEXT, "", "name of the material"),
    Feature("unit", TEXT, "", "unit of the quantities"),
    Feature("usable_qty", NUMBER, "uom", "usable stock"),
    Feature("quarantine_qty", NUMBER, "uom", "stock that waits for its release"),
    Feature("inbound_qty", NUMBER, "uom", "open orders, shipments and batches in the horizon"),
    Feature("required_qty", NUMBER, "uom", "requirements in the horizon"),
    Feature("days_of_supply", NUMBER, "days", "how long usable stock covers the dated requirements"),
    Feature("shortage_in_days", WHOLE, "days", "until the first day with a projected balance below zero"),
    Feature("shortage_on", DAY, "", "first day with a projected balance below zero"),
    Feature("shortage_qty", NUMBER, "uom", "greatest deficit within 28 days after shortage_on; 0 if none"),
    Feature("below_safety_in_days", WHOLE, "days", "until the projected balance falls below safety stock"),
    Feature("safety_stock", NUMBER, "uom", "stock that should never be gone below"),
    Feature("lead_time_days", NUMBER, "days", "shortest lead time of the suppliers"),
    Feature("supplier", TEXT, "", "the supplier with that lead time"),
    Feature("moq", NUMBER, "uom", "least quantity that it sells"),
    Feature("order_by", DAY, "", "last day on which an order still comes before the shortage"),
    Feature("order_in_days", WHOLE, "days", "until order_by; below zero when it has passed", signed=True),
    Feature("next_receipt_on", DAY, "", "day of the next expected receipt"),
    Feature("next_receipt_qty", NUMBER, "uom", "quantity of the next expected receipt"),
    Feature("overdue_receipt_qty", NUMBER, "uom", "expected before today and not here"),
    Feature("lateness_days", NUMBER, "days", "greatest delay of the open receipts against their first promise"),
    Feature("doubtful_qty", NUMBER, "uom", "expected from batches with open critical or major deviations or failed QC"),
    Feature("shortage_without_doubtful_in_days", WHOLE, "days", "until the first shortage if doubtful batches fail"),
    Feature("shortage_without_doubtful_on", DAY, "", "day of the first shortage if doubtful batches fail"),
    Feature("days_at_risk", NUMBER, "days", "days of its requirements that the shortage leaves without supply"),
    Feature("days_in_doubt", NUMBER, "days", "days of its requirements that the doubtful batches would cover"),
    Feature("products_touched", WHOLE, "", "number of products that need it here, by the network"),
    Feature("products_share", NUMBER, "", "the part of all products of the network that they are, 0 to 1"),
    Feature("demand_per_week", NUMBER, "uom", "what patients draw of it in a week, by the network's demand"),
)

SHIPMENT = (
    Feature("shipment_id", TEXT, "", "number of the shipment"),
    Feature("status", TEXT, "", "how far it is", among=("booked", "in_transit", "arrived", "received", "cancelled")),
    Feature("mode", TEXT, "", "mode of transport"),
    Feature("carrier", TEXT, "", "who carries it"),
    Feature("po_no", TEXT, "", "purchase order"),
    Feature("origin", TEXT, "", "where it comes from"),
    Feature("materials", TEXT, "", "codes of the materials in it, comma separated"),
    Feature("days_overdue", NUMBER, "days", "since it should have arrived; 0 if it has, or is not due"),
    Feature("eta_slip_days", NUMBER, "days", "estimated arrival later than the plan", signed=True),
    Feature("eta_on", DAY, "", "estimated day of arrival"),
    Feature("temp_min", NUMBER, "°C", "coldest that it may be", signed=True),
    Feature("temp_max", NUMBER, "°C", "warmest that it may be", signed=True),
    Feature("mkt_celsius", NUMBER, "°C", "greatest mean kinetic temperature over any 24 hours", signed=True),
    Feature("max_celsius", NUMBER, "°C", "warmest reading", signed=True),
    Feature("min_celsius", NUMBER, "°C", "coldest reading", signed=True),
    Feature("excursion_minutes", NUMBER, "min", "out of range, beyond the ignore period"),
    Feature("readings", WHOLE, "", "number of readings"),
    Feature("products_touched", WHOLE, "", "number of products that need what is in it, by the network"),
    Feature("products_share", NUMBER, "", "the part of all products of the network that they are, 0 to 1"),
    Feature("demand_days", NUMBER, "days", "how long it serves patients, by the network's demand"),
)

BATCH = (
    Feature("batch_id", TEXT, "", "number of the batch"),
    Feature("product", TEXT, "", "code of the product"),
    Feature("stage", TEXT, "", "what is made: drug substance, drug product or packs", among=("DS", "DP", "PKG")),
    Feature("line", TEXT, "", "line that makes it"),
    Feature("material", TEXT, "", "code of what it makes"),
    Feature("status", TEXT, "", "how far it is, in the end its disposition", among=BATCH_STATUSES),
    Feature("size", NUMBER, "uom", "planned or actual quantity"),
    Feature("unit", TEXT, "", "unit of the quantity"),
    Feature("start_delay_days", NUMBER, "days", "start later than first planned; a due start counts", signed=True),
    Feature("finish_delay_days", NUMBER, "days", "finish later than first planned; a due one counts", signed=True),
    Feature("days_to_planned_finish", NUMBER, "days", "until the planned finish", signed=True),
    Feature("release_overdue_days", NUMBER, "days", "since it should have been released"),
    Feature("days_in_release", NUMBER, "days", "since it was finished, if not yet dispositioned"),
    Feature("qc_failed", WHOLE, "", "number of failed tests"),
    Feature("open_critical", WHOLE, "", "open critical deviations on it"),
    Feature("open_major", WHOLE, "", "open major deviations on it"),
    Feature("open_minor", WHOLE, "", "open minor deviations on it"),
    Feature("cdmo_disposition", TEXT, "", "what the manufacturer's quality unit decided", among=DISPOSITIONS),
    Feature("sponsor_disposition", TEXT, "", "what the owner's quality unit decided", among=DISPOSITIONS),
    Feature("planned_release_on", DAY, "", "day on which it should be released"),
    Feature("products_touched", WHOLE, "", "number of products that need what it makes, by the network"),
    Feature("products_share", NUMBER, "", "the part of all products of the network that they are, 0 to 1"),
    Feature("demand_days", NUMBER, "days", "how long it serves patients, by the network's demand"),
)

LINE = (
    Feature("line", TEXT, "", "code of the line"),
    Feature("overload_week", TEXT, "", "first overloaded week, ISO 8601"),
    Feature("overload_on", DAY, "", "Monday of the first overloaded week"),
    Feature("days_to_overload", WHOLE, "days", "until that Monday"),
    Feature("overload_hours", NUMBER, "h", "planned beyond what is available in that week"),
    Feature("peak_utilisation", NUMBER, "", "greatest planned / available hours of a week; 1 is full"),
    Feature("planned_hours_4w", NUMBER, "h", "planned in the next four weeks"),
    Feature("available_hours_4w", NUMBER, "h", "available in the next four weeks"),
)

DEVIATION = (
    Feature("deviation_id", TEXT, "", "number of the deviation"),
    Feature("class", TEXT, "", "how grave", among=("minor", "major", "critical")),
    Feature("deviation_type", TEXT, "", "OOS is out of specification", among=("deviation", "OOS", "OOT")),
    Feature("status", TEXT, "", "whether it is done with", among=("open", "closed")),
    Feature("age_days", NUMBER, "days", "since it was opened"),
    Feature("days_to_due", NUMBER, "days", "until it must be closed", signed=True),
    Feature("overdue_days", NUMBER, "days", "since it should have been closed; 0 if not overdue"),
    Feature("batches", WHOLE, "", "number of batches that it names"),
    Feature("line", TEXT, "", "line on which it happened"),
    Feature("batch_impact", TEXT, "", "whether batches suffer from it", among=("none", "possible", "confirmed")),
    Feature("extensions", WHOLE, "", "how often its due date was moved"),
)

CAPA = (
    Feature("capa_id", TEXT, "", "number of the action"),
    Feature("deviation_id", TEXT, "", "the deviation that it follows from"),
    Feature("status", TEXT, "", "whether it is done with", among=("open", "closed")),
    Feature("age_days", NUMBER, "days", "since it was opened"),
    Feature("days_to_due", NUMBER, "days", "until it must be done", signed=True),
    Feature("overdue_days", NUMBER, "days", "since it should have been done; 0 if not overdue"),
)

FEED = (
    Feature("hours_since_last", NUMBER, "h", "since the last event of the site"),
    Feature("silent_after_hours", NUMBER, "h", "when the feed counts as silent"),
    Feature("last_word_at", MOMENT, "", "when its newest event was written down"),
    Feature("quiet_of", TEXT, "", "the family of events that is most overdue; `all`: the feed as a whole"),
    Feature("hours_quiet", NUMBER, "h", "since something of it came, without the hours in which the feed rests"),
    Feature("rhythm_hours", NUMBER, "h", "its longest usual quiet, learned, in the same hours"),
    Feature("agreed_hours", NUMBER, "h", "how old its newest word may become, as the partner's profile says"),
    Feature("overdue", NUMBER, "", "its quiet in parts of what is allowed: what was agreed, or 1.75 rhythms"),
    Feature("missing", WHOLE, "", "of the last numbers of a source, those that never came"),
    Feature("missing_share", NUMBER, "", "the part of them that surely is missing, 0 to 1"),
    Feature("clock_ahead_hours", NUMBER, "h", "how far the feed's clock is ahead of the broker's", signed=True),
    Feature(
        "disorder_share", NUMBER, "", "the part of the last 128 events that surely follow one an hour newer, 0 to 1"
    ),
    Feature("corrected_share", NUMBER, "", "the part of the last 128 events that surely took others back, 0 to 1"),
    Feature("refused_share", NUMBER, "", "the part of the partner's last records that surely was refused, 0 to 1"),
    Feature("wrong", TEXT, "", "what is wrong with the feed, and how many points of trust each costs, the most first"),
    Feature("wrong_since", MOMENTS, "", "since when, by freshness, completeness, order, clock, corrections, refusals"),
    Feature("trust", NUMBER, "", "how far the feed can be trusted, 0 to 100"),
)

CLASS = Feature("material_class", TEXT, "", "class of the material, as the network file says")
PLACES = (Feature("product", TEXT, "", "code of the product that the material is for"), CLASS)

ASPECTS: Mapping[str, tuple[Feature, ...]] = {
    "lot": PLACES,
    "material": (*PLACES, *OUTLOOK),
    "batch": (
        CLASS,
        Feature("started_at", MOMENT, "", "when it was started"),
        Feature("completed_at", MOMENT, "", "when it was finished"),
        Feature("qc_result_at", MOMENT, "", "when the final result of its tests was reported"),
        Feature("dispositioned_at", MOMENT, "", "when quality decided on it"),
    ),
    "shipment": (
        Feature("departed_at", MOMENT, "", "when it left"),
        Feature("arrived_at", MOMENT, "", "when it arrived"),
        Feature("received_at", MOMENT, "", "when it was received"),
        Feature("excursion_at", MOMENT, "", "first reading below temp_min or above temp_max"),
        Feature("inspected_at", MOMENT, "", "when it passed the milestone `inspected`"),
    ),
    "line": LINE_FLOW,
    "deviation": (
        Feature("opened_at", MOMENT, "", "when it was opened"),
        Feature("closed_at", MOMENT, "", "when it was closed"),
    ),
    "capa": (
        Feature("opened_at", MOMENT, "", "when it was opened"),
        Feature("closed_at", MOMENT, "", "when it was closed"),
    ),
}
"""Moments, and where a subject belongs: what few rules ask for, and is worked out only for them."""

FEATURES: Mapping[str, Mapping[str, Feature]] = MappingProxyType(
    {
        kind: MappingProxyType({feature.name: feature for feature in (*COMMON, *features, *ASPECTS.get(kind, ()))})
        for kind, features in {
            "lot": LOT,
            "material": MATERIAL,
            "shipment": SHIPMENT,
            "batch": BATCH,
            "line": LINE,
            "deviation": DEVIATION,
            "capa": CAPA,
            "feed": FEED,
            "supplier": SUPPLIER,
            "lane": LANE,
        }.items()
    }
)
"""Kind of subject -> name -> feature."""
