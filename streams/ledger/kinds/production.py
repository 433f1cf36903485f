"""Production: batches from plan to release, and the lines that make them."""

from datetime import date, timedelta
from typing import Any, Final

from risk_rules.methods.slips import NEVER
from risk_rules.methods.utilisation import load_by_week
from streams.ledger.entity import (
    MICRO,
    Derived,
    Entity,
    Kind,
    Share,
    Surroundings,
    always,
    days_after,
    instant,
    ordinal,
)
from streams.ledger.facts import Entry, code, key, lot_key, material_target
from streams.ledger.kinds.line_flow import PAST, passed_through
from streams.ledger.kinds.past_receipts import PastReceipt
from streams.ledger.rows import since_2000
from streams.network.model import Network, Route
from streams.network.reach import touched
from streams.network.units import factor

UNLIMITED_HOURS: Final = 1e6
"""For a line of which nothing is known: no load overloads it."""


def disposition(state: dict[str, Any]) -> str | None:
    """What quality decided: a rejection by either unit stands, else the sponsor's word, else the CDMO's."""
    cdmo, sponsor = state.get("cdmo_disposition"), state.get("sponsor_disposition")
    if "rejected" in (cdmo, sponsor):
        return "rejected"
    return sponsor or cdmo


def status(state: dict[str, Any]) -> str:
    """How far the batch has come."""
    if state.get("cancelled_at") is not None:
        return "cancelled"
    decided = disposition(state)
    if decided is not None and decided != "quarantine":
        return decided
    if state.get("completed_at") is not None:
        return "completed"
    return "started" if state.get("started_at") is not None else "planned"


def _deviations(state: dict[str, Any]) -> dict[str, int]:
    """How many deviations are open on the batch, by class."""
    counts = {"critical": 0, "major": 0, "minor": 0}
    for deviation_class in state.get("deviations", {}).values():
        if deviation_class is not None:
            counts[deviation_class] += 1
    return counts


def _failed(state: dict[str, Any]) -> int:
    return sum(result == "fail" for result in state.get("tests", {}).values())


def _route(entity: Entity, network: Network) -> Route | None:
    state = entity.state
    return network.routes.get((entity.site, state.get("product", ""), state.get("stage", "")))


def release_days(entity: Entity, network: Network) -> float:
    """From the end of a batch until quality should have decided on it."""
    route = _route(entity, network)
    return route.release_days if route else 0.0


def _yield(state: dict[str, Any]) -> float:
    """What the batch gave, else what it is expected to give, in the output's unit."""
    if state.get("yield_actual") is None:
        return state.get("size", 0.0) * state.get("yield_planned", 1.0)
    ratio = factor(state["yield_unit"], state.get("unit") or state["yield_unit"])
    return round(state["yield_actual"] * float(ratio or 1), 6)


def batch_shares(entity: Entity, network: Network) -> tuple[Share, ...]:
    """A batch draws its inputs when it starts, gives its output when it is released, and takes hours of its line.

    How it goes through its line, and what became of it in the end, is kept.
    """
    state = entity.state
    now = status(state)
    if "material" not in state or now == "cancelled":
        return ()
    route = _route(entity, network)
    shares = _through_line(entity)
    if now in ("released", "conditional_release", "rejected"):
        return (*shares, *_over(entity, now, route.release_days if route else 0.0))
    start = date.fromordinal(ordinal(state["planned_start"]))
    if now == "planned" and route is not None:
        size = state["size"]
        shares += [
            Share(material_target(entity.site, i.material), f"N {start}", round(i.qty * size * MICRO))
            for i in route.inputs
        ]
    if now in ("planned", "started") and route is not None and state.get("line"):
        year, week, _ = date.fromordinal(ordinal(state.get("started_at") or state["planned_start"])).isocalendar()
        hours = round(route.hours * MICRO)
        shares.append(Share(("line", key(entity.site, state["line"])), f"{year}-W{week:02}", hours))
    finish = date.fromordinal(ordinal(state.get("completed_at") or state["planned_finish"]))
    first = date.fromordinal(ordinal(state.get("first_planned_finish") or state["planned_finish"]))
    counts = _deviations(state)
    doubt = int(counts["critical"] + counts["major"] + _failed(state) > 0)
    done = int(now not in ("planned", "started"))
    bucket = f"B {finish} {first} {round(route.release_days) if route else 0} {done} {doubt}"
    shares.append(Share(material_target(entity.site, state["material"]), bucket, round(_yield(state) * MICRO)))
    return tuple(shares)


def _through_line(entity: Entity) -> list[Share]:
    state = entity.state
    passed = passed_through(state)
    if passed is None or not state.get("line"):
        return []
    return [Share(("line", key(entity.site, state["line"])), passed.bucket(), 1)]


def _over(entity: Entity, how: str, release_days: float) -> tuple[Share, ...]:
    """What became of a batch that quality has decided on: how much later it could be used than first planned, if ever."""
    state = entity.state
    first, decided = state.get("first_planned_finish"), state.get("dispositioned_at")
    if first is None or decided is None:
        return ()
    slip = NEVER if how == "rejected" else ordinal(decided) - ordinal(first) - round(release_days)
    past = PastReceipt(None, slip, ordinal(decided), "")
    return (Share(material_target(entity.site, state["material"]), past.bucket(), 1),)


def batch_derived(entity: Entity, network: Network) -> tuple[Derived, ...]:
    """A completed batch is a lot of its output, in quarantine until its disposition."""
    state = entity.state
    if state.get("completed_at") is None or "material" not in state:
        return ()
    output = lot_key(entity.site, state["material"], state["output_lot"])
    fixed = {
        "material": state["material"],
        "lot": state["output_lot"],
        "unit": state["unit"],
        "batch": state["batch_id"],
    }
    if state.get("expiry_on") is not None:
        fixed["expiry_on"] = state["expiry_on"]
    made = Entry("lot", output, {"status": "quarantine"}, {"qty": _yield(state)}, fixed)
    entries = [Derived(made, state["completed_recorded"])]
    decided = disposition(state)
    if decided is not None:
        recorded = max(state.get("cdmo_recorded") or 0, state.get("sponsor_recorded") or 0)
        entries.append(
            Derived(Entry("lot", output, {"status": decided}), max(recorded, state["completed_recorded"] + 1))
        )
    return tuple(entries)


def batch_columns(entity: Entity) -> tuple[Any, ...]:
    state = entity.state
    get = state.get
    counts = _deviations(state)
    tests = get("tests", {})
    made = None if get("yield_actual") is None else _yield(state)
    qc_status = "fail" if _failed(state) else "pass" if get("qc_final") else "testing" if tests else None
    return (
        get("batch_id"), get("product"), get("stage"), get("material"), get("line"), get("order_no"), get("campaign_id"),
        status(state), since_2000(get("planned_start")), since_2000(get("planned_finish")), since_2000(get("first_planned_finish")),
        since_2000(get("started_at")), since_2000(get("completed_at")), since_2000(get("cancelled_at")), len(get("steps", {})),
        get("size"), get("unit"), get("yield_planned"), made, get("output_lot"), get("expiry_on"),
        [get("input_lots", {})[lot] for lot in sorted(get("input_lots", {}))], qc_status, _failed(state),
        get("cdmo_disposition"), get("sponsor_disposition"), since_2000(get("dispositioned_at")),
        counts["critical"], counts["major"], counts["minor"],
    )  # fmt: skip


def batch_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    state, now = entity.state, around.now
    get = state.get
    how_far = status(state)
    in_quality = release_days(entity, around.network)
    counts = _deviations(state)
    completed, finish = get("completed_at"), get("planned_finish")
    released = how_far in ("released", "conditional_release", "rejected", "cancelled")
    in_release = None if completed is None or released else days_after(now, completed)
    planned_release = None if finish is None else instant(completed or finish)
    if planned_release is not None:
        planned_release += timedelta(days=in_quality)
    size = get("size") or 0.0
    material: str = get("material") or ""
    reached, demand_days = touched(around.network, {(entity.site, material): size}, around.today)
    return {
        "site": entity.site,
        "partner": entity.partner,
        "silent": around.silent(entity.partner, entity.site),
        "batch_id": get("batch_id") or "",
        "product": get("product") or "",
        "stage": get("stage") or "",
        "line": get("line") or "",
        "material": material,
        "status": how_far,
        "size": size,
        "unit": get("unit") or "",
        "start_delay_days": _delay(get("started_at"), get("planned_start"), get("first_planned_start"), now, released),
        "finish_delay_days": _delay(completed, finish, get("first_planned_finish"), now, released),
        "days_to_planned_finish": None if finish is None or completed is not None else -days_after(now, finish),
        "release_overdue_days": 0.0 if in_release is None else max(0.0, in_release - in_quality),
        "days_in_release": in_release,
        "qc_failed": _failed(state),
        "open_critical": counts["critical"],
        "open_major": counts["major"],
        "open_minor": counts["minor"],
        "cdmo_disposition": get("cdmo_disposition"),
        "sponsor_disposition": get("sponsor_disposition"),
        "planned_release_on": planned_release.date() if planned_release else None,
        "products_touched": len(reached.products),
        "products_share": reached.products_share,
        "demand_days": demand_days,
    }


def _delay(actual: int | None, planned: int | None, first: int | None, now: Any, over: bool) -> float:
    """Days behind the first plan: as it came, else as now planned or already missed."""
    if first is None:
        return 0.0
    if actual is None:
        late_plan = ((planned or first) - first) / 86_400_000_000
        return 0.0 if over else max(late_plan, days_after(now, first))
    return (actual - first) / 86_400_000_000


def batch_is_open(entity: Entity) -> bool:
    """Whether it is still to be released."""
    return status(entity.state) not in ("cancelled", "released", "conditional_release", "rejected")


BATCH = Kind(
    "batch", batch_columns, shares=batch_shares, derived=batch_derived, features=batch_features,
    open=batch_is_open,
)  # fmt: skip


def _weeks(entity: Entity) -> dict[str, list[float]]:
    return dict(sorted(entity.state.get("weeks", {}).items()))


def line_columns(entity: Entity) -> tuple[Any, ...]:
    planned = {week: amount / MICRO for week, amount in sorted(entity.tallies.items()) if week[0] != PAST}
    get = (entity.view or {}).get
    return (code(entity.key), _weeks(entity), planned, get("overload_week"), get("peak_utilisation"))


def line_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    own = code(entity.key)
    line = around.network.lines.get((entity.site, own))
    usual = line.hours_per_week if line else None
    reported = entity.state.get("weeks", {})
    year, week, _ = around.now.isocalendar()
    this_week = f"{year}-W{week:02}"
    planned = {week: amount / MICRO for week, amount in entity.tallies.items() if week[0] != PAST and week >= this_week}
    for week, (_, committed) in reported.items():
        if week >= this_week:
            planned[week] = max(planned.get(week, 0.0), committed)
    available = {week: hours for week, (hours, _) in reported.items() if week >= this_week}
    load = load_by_week(planned, available, usual if usual is not None else UNLIMITED_HOURS)
    soon = [f"{y}-W{w:02}" for y, w, _ in ((around.now + timedelta(weeks=n)).isocalendar() for n in range(4))]
    first = load.first_week
    monday = None if first is None else date.fromisocalendar(int(first[:4]), int(first[6:]), 1)
    features: dict[str, Any] = {
        "site": entity.site,
        "partner": entity.partner,
        "silent": around.silent(entity.partner, entity.site),
        "line": own,
        "overload_week": first,
        "overload_on": monday,
        "days_to_overload": None if monday is None else max(0, monday.toordinal() - around.today),
        "overload_hours": load.overload_hours,
        "peak_utilisation": load.peak_utilisation,
        "planned_hours_4w": sum(planned.get(week, 0.0) for week in soon),
        "available_hours_4w": sum(available.get(week, usual or 0.0) for week in soon),
    }
    entity.view = features
    return features


LINE = Kind("line", line_columns, features=line_features, open=always, rests_on_tallies=True)
