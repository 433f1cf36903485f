"""The message about one alert: what, where, when, how sure, why, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from alerting.configuration.model import Audience
from alerting.life.course import Occasion
from alerting.wording.facts import Facts
from alerting.wording.plain import TITLE_LENGTH, plain, short
from alerting.wording.reader import Reader
from risk_rules.findings import Severity
from risk_rules.remedies import Order, PullIn, Remedy

FACTORS_SHOWN: Final = 4
LEAST_SHARE: Final = 0.5
"""Points of the score below which a factor is not worth a word."""

WEEKS_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Why somebody is told, as of `at`. `was`: the severity before; `step` of the escalation; `person` and `reason` of who did it.

    `link` leads to where the reader can act. Of a flapping alert: `changes` within `span`, to be quiet for `calm`.
    """

    occasion: Occasion
    at: datetime
    was: Severity | None = None
    step: int = 0
    person: str | None = None
    reason: str | None = None
    link: str | None = None
    changes: int = 0
    span: timedelta = timedelta()
    calm: timedelta = timedelta()


def message(facts: Facts, saying: Saying, reader: Reader) -> Message:
    """The message for this reader. What `facts` a partner may read, `partners.for_partner` says."""
    if reader.is_partner:  # who of us did what, and why in their words, is not for others; nor may others act for us
        saying = replace(saying, person=None, reason=None, link=None)
    if saying.occasion is Occasion.RESOLVED:
        return _resolved(facts, saying, reader)
    buys = reader.audience is Audience.BUYER and facts.remedy is not None
    lines = (
        _for_buyers(facts, facts.remedy, saying, reader) if buys and facts.remedy else _for_all(facts, saying, reader)
    )
    body = [_change(saying, facts, reader), *lines, _name(facts, reader)]
    if saying.link:
        body.append(reader.phrases.act.format(link=saying.link))
    return Message(title(facts, reader), "\n".join(line for line in body if line))


def title(facts: Facts, reader: Reader) -> str:
    """What and where in one line."""
    phrases = reader.phrases
    severity, name = severity_word(facts.severity, reader), thing_at_site(facts, reader)
    if reader.audience is Audience.BUYER and facts.remedy is not None:
        told = phrases.order_title.format(
            severity=severity,
            name=name,
            quantity=reader.quantity(facts.remedy.missing, facts.remedy.unit),
            day=reader.day(facts.remedy.short_on),
        )
    else:
        told = phrases.title.format(severity=severity, kind=words(facts.kind), name=name)
    return short(told, TITLE_LENGTH)


def as_possible_repeat(told: Message, reader: Reader) -> Message:
    """The same message for a second sending, when nobody knows whether the first one arrived."""
    phrases = reader.phrases
    return Message(short(phrases.repeat_title.format(title=told.title), TITLE_LENGTH), f"{told.body}\n{phrases.repeat}")


def severity_word(severity: Severity, reader: Reader) -> str:
    """As the reader's language calls it."""
    phrases = reader.phrases
    return {
        Severity.CRITICAL: phrases.critical,
        Severity.WARNING: phrases.warning,
        Severity.WATCH: phrases.watch,
    }[severity]


def thing_at_site(facts: Facts, reader: Reader) -> str:
    """The subject and its site; of a feed the site alone."""
    site = plain(facts.site)
    if facts.subject_kind == "feed":
        return reader.phrases.from_site.format(site=site)
    return reader.phrases.at_site.format(name=plain(facts.thing), site=site)


def words(code: str) -> str:
    """A code of the rulebook as words."""
    return plain(code.replace("_", " ").replace("-", " ")).capitalize()


def _resolved(facts: Facts, saying: Saying, reader: Reader) -> Message:
    phrases = reader.phrases
    by = ""
    if saying.person:
        by = phrases.resolved_by.format(person=plain(saying.person), reason=plain(saying.reason or ""))
    lines = [
        by,
        phrases.it_was.format(summary=plain(facts.summary)),
        _where(facts, reader),
        phrases.open_for.format(span=reader.span(saying.at - facts.opened_at), since=reader.instant(facts.opened_at)),
        _name(facts, reader),
    ]
    told = phrases.title.format(severity=phrases.resolved, kind=words(facts.kind), name=thing_at_site(facts, reader))
    return Message(short(told, TITLE_LENGTH), "\n".join(line for line in lines if line))


def _change(saying: Saying, facts: Facts, reader: Reader) -> str:
    phrases, occasion = reader.phrases, saying.occasion
    if occasion is Occasion.WORSE:
        if saying.was is None:
            return ""
        before, now = (severity_word(one, reader).lower() for one in (saying.was, facts.severity))
        return phrases.worse.format(before=before, now=now)
    if occasion is Occasion.FLAPPING:
        return phrases.flapping.format(
            changes=saying.changes, span=reader.span(saying.span), calm=reader.span(saying.calm)
        )
    said = {
        Occasion.REOPENED: phrases.reopened,
        Occasion.STEP: phrases.step.format(step=saying.step),
        Occasion.WOKEN: phrases.woken.format(person=plain(saying.person)) if saying.person else "",
        Occasion.REMINDER: phrases.reminder,
        Occasion.RELEASED: phrases.released,
        Occasion.CALM: phrases.calm,
    }
    return said.get(occasion, "")


def _for_all(facts: Facts, saying: Saying, reader: Reader) -> Iterator[str]:
    phrases = reader.phrases
    yield plain(facts.summary)
    yield _where(facts, reader)
    if facts.impact_on is not None:
        day, distance = reader.day(facts.impact_on), reader.distance(facts.impact_on, saying.at)
        yield phrases.when.format(day=day, distance=distance)
    if facts.quantity is not None:
        yield phrases.at_stake.format(quantity=reader.quantity(facts.quantity, facts.unit))
    if not reader.is_partner:  # the score weighs what hangs on it elsewhere
        yield _sureness(facts, reader)
    yield _factors(facts, reader)
    if facts.remedy is not None and reader.audience is Audience.PLANNER:
        yield from _remedy(facts.remedy, reader)
    elif facts.advice:
        yield phrases.do.format(advice=plain(facts.advice))
    if facts.owner:
        yield phrases.owner.format(owner=plain(facts.owner))


def _for_buyers(facts: Facts, remedy: Remedy, saying: Saying, reader: Reader) -> Iterator[str]:
    """What to order or expedite, how much, by when and from whom, and what is at stake: no more than that."""
    phrases = reader.phrases
    yield phrases.runs_short.format(
        name=_material(remedy),
        site=plain(facts.site),
        day=reader.day(remedy.short_on),
        distance=reader.distance(remedy.short_on, saying.at),
        quantity=reader.quantity(remedy.missing, remedy.unit),
    )
    yield from _remedy(remedy, reader)
    if remedy.at_stake:
        weeks = "; ".join(
            f"{reader.day(week.begins_on)}: {reader.quantity(week.quantity, remedy.unit)}"
            for week in remedy.at_stake[:WEEKS_SHOWN]
        )
        yield phrases.by_week.format(weeks=weeks)
    yield _sureness(facts, reader)


def _remedy(remedy: Remedy, reader: Reader) -> Iterator[str]:
    for order in remedy.orders:
        yield _order(order, remedy, reader)
    if not remedy.orders:
        yield reader.phrases.order_nobody
    for one in remedy.pull_ins:
        yield _pull_in(one, remedy, reader)


def _order(order: Order, remedy: Remedy, reader: Reader) -> str:
    phrases, quantity = reader.phrases, reader.quantity(order.quantity, remedy.unit)
    if order.in_time:
        return phrases.order.format(
            quantity=quantity,
            supplier=plain(order.supplier),
            day=reader.day(order.order_by),
            days=reader.days(order.lead_time_days),
        )
    late = (order.usable_on - remedy.short_on).days
    return phrases.order_late.format(
        quantity=quantity, supplier=plain(order.supplier), usable=reader.day(order.usable_on), days=reader.days(late)
    )


def _pull_in(one: PullIn, remedy: Remedy, reader: Reader) -> str:
    phrases = reader.phrases
    template = {"batches": phrases.pull_in_batches, "quality": phrases.pull_in_quality}.get(
        one.of, phrases.pull_in_suppliers
    )
    return template.format(
        quantity=reader.quantity(one.quantity, remedy.unit),
        due=reader.day(one.due_on),
        needed=reader.day(one.needed_on),
    )


def _material(remedy: Remedy) -> str:
    name, code = plain(remedy.name), plain(remedy.material)
    return name if name == code else f"{name} ({code})"


def _where(facts: Facts, reader: Reader) -> str:
    phrases = reader.phrases
    parts = [phrases.where.format(site=plain(facts.site), partner=plain(facts.partner))]
    if facts.material and facts.subject_kind != "material":
        parts.append(phrases.material.format(material=plain(facts.material)))
    if facts.product:
        parts.append(phrases.product.format(product=plain(facts.product)))
    return ", ".join(parts)


def _sureness(facts: Facts, reader: Reader) -> str:
    phrases = reader.phrases
    score = phrases.score.format(score=f"{facts.score:.0f}")
    if facts.likelihood is None:
        return phrases.sure_of.format(score=score)
    return phrases.sure.format(likelihood=reader.share(facts.likelihood), score=score)


def _factors(facts: Facts, reader: Reader) -> str:
    """The factors with the greatest shares, in points of the score."""
    weighty = sorted(facts.factors, key=lambda factor: -abs(factor.share))[:FACTORS_SHOWN]
    told = "; ".join(
        f"{words(factor.name).lower()} {plain(factor.value)} ({factor.share:+.0f})"
        for factor in weighty
        if abs(factor.share) >= LEAST_SHARE
    )
    return reader.phrases.why.format(factors=told) if told else ""


def _name(facts: Facts, reader: Reader) -> str:
    return reader.phrases.name.format(id=facts.id[:8], since=reader.instant(facts.opened_at))
