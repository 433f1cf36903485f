"""The present verdicts on a subject, as the database has them, and the trees beneath their scores. Only reads."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from alerting.tables import alert
from risk_rules.explanations import Explanation, explain
from risk_rules.rulebook import Rulebook
from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.aspects import ASPECTS
from streams.ledger.entity import Surroundings
from streams.ledger.feeds import Feeds
from streams.ledger.holding import Holding
from streams.ledger.kinds import KINDS
from streams.ledger.tables import partition_clock, verdict
from streams.network.model import Network


def verdicts(connection: Connection, subject: str) -> list[dict[str, Any]]:
    """The findings on `kind:key`, or on all subjects whose key is, or has as one of its codes, `subject`; worst first."""
    of_alert, of_verdict = alert.c, verdict.c
    kind, parted, key = subject.partition(":")
    codes = of_verdict.subject_key
    wanted = or_(
        codes == subject,
        codes.endswith(f"/{subject}", autoescape=True),
        codes.startswith(f"{subject}/", autoescape=True),
        codes.contains(f"/{subject}/", autoescape=True),
    )
    if parted:
        wanted = or_((of_verdict.subject_kind == kind) & (codes == key), wanted)
    joined = verdict.outerjoin(
        alert,
        (of_alert.subject_kind == of_verdict.subject_kind)
        & (of_alert.subject_key == of_verdict.subject_key)
        & (of_alert.kind == of_verdict.kind)
        & (of_alert.state == "open"),
    )
    columns = (verdict, of_alert.advice, of_alert.owner, of_alert.opened_at)
    rows = connection.execute(
        select(*columns).select_from(joined).where(wanted).order_by(of_verdict.score.desc(), codes)
    )
    return [dict(row) for row in rows.mappings()]


def explained(connection: Connection, row: Mapping[str, Any], book: Rulebook, network: Network) -> Explanation | None:
    """The tree under a verdict, worked out from what is stored now, as of the stream's clock or else the wall clock.

    None where the rule is not in this rulebook (the verdict is of another), or the subject is gone.
    """
    kind, key, partition = row["subject_kind"], row["subject_key"], row["partition"]
    judge = book.judge(kind)
    clock = connection.execute(select(partition_clock.c.clock).where(partition_clock.c.partition == partition)).scalar()
    now = clock or datetime.now(UTC)
    feeds = Feeds(partition)
    feeds.load(connection)
    around = Surroundings(now, now.toordinal(), network, feeds.silent(now, network))
    if judge is None or book.version != row["rulebook"]:
        return None
    features = feeds.features(key, around) if kind == "feed" else _features(connection, kind, key, around, judge.needs)
    rule = None if features is None else judge.rules(features).get(row["rule"])
    if features is None or rule is None:
        return None
    calendar = network.calendars.get(row["site"], EVERY_WEEKDAY)
    return explain(rule, features, now, calendar, events=row["events"], rulebook=book.version)


def _features(
    connection: Connection, kind: str, key: str, around: Surroundings, needs: frozenset[str]
) -> Mapping[str, Any] | None:
    """What rules see of a stored entity; None when there is none."""
    holding, of = Holding(), KINDS[kind].features
    holding.fetch(connection, {kind: [key]})
    entity = holding.of(kind).get(key)
    if entity is None or of is None:
        return None
    aspects = {name: aspect for name, aspect in ASPECTS.get(kind, {}).items() if name in needs}
    return {
        **of(entity, around, needs - aspects.keys()),
        **{name: told(entity, around) for name, told in aspects.items()},
    }
