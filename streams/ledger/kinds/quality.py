"""Quality: deviations on batches, and the actions that follow from them."""

from typing import Any

from streams.ledger.entity import Derived, Entity, Kind, Surroundings, days_after, instant
from streams.ledger.facts import Entry, key
from streams.ledger.rows import since_2000
from streams.network.model import Network


def status(state: dict[str, Any]) -> str:
    return "closed" if state.get("closed_at") is not None else "open"


def is_open(entity: Entity) -> bool:
    """Whether it still ages."""
    return status(entity.state) == "open"


def deviation_derived(entity: Entity, network: Network) -> tuple[Derived, ...]:
    """An open deviation stands against each batch that it names; a closed one, or one without impact, no more."""
    state = entity.state
    stands = status(state) == "open" and state.get("batch_impact") != "none"
    open_class = state.get("class", "minor") if stands else None
    recorded = max((fact.recorded for fact in entity.journal.facts), default=0)
    return tuple(
        Derived(
            Entry(
                "batch",
                key(entity.site, batch),
                {},
                None,
                {"batch_id": batch},
                {"deviations": {entity.key: open_class}},
            ),
            recorded,
        )
        for batch in state.get("batch_ids", ())
    )


def deviation_columns(entity: Entity) -> tuple[Any, ...]:
    state = entity.state
    get = state.get
    return (
        get("deviation_id"), get("class"), get("deviation_type"), status(state), get("line"), get("title"),
        get("batch_ids", []), get("batch_impact"), since_2000(get("detected_at")), since_2000(get("opened_at")),
        since_2000(get("due_at")), since_2000(get("extended_to")), len(get("extensions", {})), since_2000(get("closed_at")),
        get("root_cause"),
    )  # fmt: skip


def _ageing(entity: Entity, around: Surroundings, due: int | None) -> dict[str, Any]:
    """Age and due date in days; a closed one ages no more."""
    state, now = entity.state, around.now
    opened, closed = state.get("opened_at"), state.get("closed_at")
    still_open = closed is None
    until = now if still_open else instant(closed)
    assert until is not None
    return {
        "site": entity.site,
        "partner": entity.partner,
        "silent": around.silent(entity.partner, entity.site),
        "status": status(state),
        "age_days": 0.0 if opened is None else max(0.0, days_after(until, opened)),
        "days_to_due": None if due is None else -days_after(until, due),
        "overdue_days": 0.0 if due is None or not still_open else max(0.0, days_after(now, due)),
    }


def deviation_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    get = entity.state.get
    due = get("extended_to") if get("extended_to") is not None else get("due_at")
    return {
        **_ageing(entity, around, due),
        "deviation_id": get("deviation_id") or "",
        "class": get("class") or "minor",
        "deviation_type": get("deviation_type") or "deviation",
        "batches": len(get("batch_ids", ())),
        "line": get("line"),
        "batch_impact": get("batch_impact"),
        "extensions": len(get("extensions", {})),
    }


DEVIATION = Kind(
    "deviation", deviation_columns, derived=deviation_derived, features=deviation_features,
    open=is_open,
)  # fmt: skip


def capa_columns(entity: Entity) -> tuple[Any, ...]:
    get = entity.state.get
    return (
        get("capa_id"), get("deviation_id"), status(entity.state), get("title"), since_2000(get("opened_at")),
        since_2000(get("due_at")), since_2000(get("closed_at")),
    )  # fmt: skip


def capa_features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    get = entity.state.get
    codes = {"capa_id": get("capa_id") or "", "deviation_id": get("deviation_id") or ""}
    return {**_ageing(entity, around, get("due_at")), **codes}


CAPA = Kind("capa", capa_columns, features=capa_features, open=is_open)
