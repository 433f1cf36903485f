"""What the rules say of subjects, and when time alone must ask them again."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from risk_rules.findings import Finding, Subject, Verdict
from risk_rules.judge import QUIET, Judge
from risk_rules.rulebook import Rulebook
from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.aspects import ASPECTS
from streams.ledger.deadlines import Deadlines
from streams.ledger.entity import Entity, Kind, Surroundings
from streams.ledger.feeds import Feeds
from streams.ledger.holding import Holding, SubjectKey
from streams.ledger.kinds import KINDS
from streams.ledger.memories import Memories
from streams.ledger.named import Removal
from streams.ledger.rows import Row, Writer, instant_2000
from streams.ledger.tables import verdict
from streams.ledger.trust.seen import Seen
from streams.ledger.turns import boundary, look_again, turns_of

_verdicts = Writer(verdict)
_past_verdicts = Removal(verdict.name)


Known = dict[str, tuple[Any, ...]]
"""By kind of finding, what was stored of it."""


class Evaluation:
    """Asks the rulebook about subjects of one partition and keeps its present verdicts in the table `verdict`."""

    def __init__(self, partition: int, holding: Holding, feeds: Feeds, deadlines: Deadlines) -> None:
        self._partition = partition
        self._holding = holding
        self._feeds = feeds
        self._deadlines = deadlines
        self._memories = Memories(partition)
        self._known: dict[SubjectKey, Known] = {}
        self._changed: dict[SubjectKey, tuple[Verdict, datetime] | None] = {}

    def load(self, connection: Connection) -> None:
        """Learn the verdicts that are stored, and what rules remember."""
        self._memories.load(connection)
        rows = connection.execute(select(verdict).where(verdict.c.partition == self._partition)).mappings()
        for row in rows:
            known = self._known.setdefault((row["subject_kind"], row["subject_key"]), {})
            known[row["kind"]] = (
                row["rule"], row["severity"], row["score"], row["impact_on"], row["quantity"], row["rulebook"],
            )  # fmt: skip

    def evaluate(self, subjects: Iterable[SubjectKey], around: Surroundings, rulebook: Rulebook) -> list[Verdict]:
        """The verdicts on subjects with findings, or that had some before; sets when to ask again. Feeds are looked at first:
        nothing is known of what rests on a broken one."""
        verdicts: list[Verdict] = []
        by_kind: dict[str, list[str]] = {}
        for kind, key in subjects:
            by_kind.setdefault(kind, []).append(key)
        seen = self._looked_at(by_kind.get("feed", ()), around, rulebook)
        if seen:
            silent = self._feeds.silent(around.now, around.network)
            around = msgspec.structs.replace(around, silent_feeds=silent)
        for kind, keys in by_kind.items():
            judge = rulebook.judge(kind)
            if judge is None:
                verdicts += self._unasked(kind, keys, around, rulebook.version)
            elif kind == "feed":
                verdicts += self._feeds_of(seen, around, judge, rulebook.version)
            else:
                verdicts += self._entities(KINDS[kind], keys, around, judge, rulebook.version)
        for made in verdicts:
            self._note(made, around.now)
        return verdicts

    def _unasked(self, kind: str, keys: Iterable[str], around: Surroundings, version: str) -> Iterator[Verdict]:
        """No rule speaks of this kind: what another version said of it ends."""
        for key in keys:
            subject = (kind, key)
            self._deadlines.put(subject, None)
            self._memories.put(subject, None)
            scored = self._feeds.feeds[key] if kind == "feed" else self._holding.of(kind).get(key)
            if scored is None:
                continue
            if scored.score is not None:
                scored.score = None
                if isinstance(scored, Entity):
                    self._holding.touch(scored)
                else:
                    self._feeds.touch(key)
            if subject in self._known:
                about = (
                    _subject(scored, {}, around)
                    if isinstance(scored, Entity)
                    else Subject(kind=kind, key=key, partner=scored.partner, site=scored.site)
                )
                yield Verdict(subject=about, findings=(), events=(), rulebook=version)

    def spoken_of(self) -> Iterator[SubjectKey]:
        """What rules found something of, or remember."""
        yield from self._known
        yield from self._memories.subjects()

    def _looked_at(self, keys: Iterable[str], around: Surroundings, rulebook: Rulebook) -> dict[str, Seen]:
        """What the feeds have shown of themselves, if any rule asks for it."""
        if rulebook.judge("feed") is None:
            return {}
        found = {key: self._feeds.look(key, around) for key in keys}
        for key, seen in found.items():
            self._feeds.watches.note(key, seen, around.now)
        return found

    def _feeds_of(
        self, found: Mapping[str, Seen], around: Surroundings, judge: Judge, version: str
    ) -> Iterator[Verdict]:
        for key, seen in found.items():
            feed, subject = self._feeds.feeds[key], ("feed", key)
            features = self._feeds.features(key, around, seen)
            calendar = around.network.calendars.get(feed.site, EVERY_WEEKDAY)
            findings, memory, again = judge(features, self._memories.get(subject), around.now, calendar)
            self._memories.put(subject, memory)
            silent_from = self._feeds.silent_from(key, around.network)
            soon = silent_from + timedelta(seconds=1) if silent_from >= around.now else boundary(around.now)
            self._deadlines.put(subject, min(at for at in (soon, again, seen.look_again) if at is not None))
            score = max((finding.score for finding in findings), default=None)
            if score != feed.score:
                feed.score = score
                self._feeds.touch(key)
            if findings or subject in self._known:
                about = Subject(kind="feed", key=key, partner=feed.partner, site=feed.site)
                yield Verdict(subject=about, findings=findings, events=(), rulebook=version)

    def _entities(
        self, kind: Kind, keys: Iterable[str], around: Surroundings, judge: Judge, version: str
    ) -> Iterator[Verdict]:
        held, touch, put = self._holding.of(kind.name), self._holding.touch, self._deadlines.put
        features_of, select, memory_of = kind.features, judge.select, self._memories.get
        assert features_of is not None
        later, known, timed = boundary(around.now), self._known, judge.timed
        aspects = {name: of for name, of in ASPECTS.get(kind.name, {}).items() if name in judge.needs}
        needs = judge.needs - aspects.keys()
        turns = turns_of(kind.name, judge.deciding)
        asks_of_feed = "silent" in judge.deciding  # which breaks though nothing comes
        for key in keys:
            subject = (kind.name, key)
            entity = held.get(key)
            if entity is None:
                put(subject, None)
                self._memories.put(subject, None)
                continue
            features = features_of(entity, around, needs)
            if aspects:
                features = {**features, **{name: of(entity, around) for name, of in aspects.items()}}
            exists = bool(entity.journal.facts) or kind.exists(entity)
            findings: tuple[Finding, ...] = select(features) if exists else ()
            memory = memory_of(subject)
            at = later if exists and (asks_of_feed if kind.open is None else kind.open(entity)) else None
            if at is not None and turns is not None and not findings and memory is None:
                at = look_again(turns, entity, around, later)
            if memory is not None or (timed and findings):
                calendar = around.network.calendars.get(entity.site, EVERY_WEEKDAY)
                judgement = judge.conclude(findings, features, memory, around.now, calendar) if exists else QUIET
                findings = judgement.findings
                self._memories.put(subject, judgement.memory)
                if judgement.look_again is not None:
                    at = judgement.look_again if at is None else min(at, judgement.look_again)
            put(subject, at)
            score = max([finding.score for finding in findings]) if findings else None
            if score != entity.score or kind.rests_on_tallies:
                entity.score = score
                touch(entity)
            alarming = bool(findings) and any(finding.severity is not None for finding in findings)
            if alarming and kind.remedy is not None:
                helps = kind.remedy(entity, around)
                findings = tuple([msgspec.structs.replace(finding, remedy=helps) for finding in findings])
            if alarming or subject in known:
                about = _subject(entity, features, around)
                yield Verdict(subject=about, findings=findings, events=entity.events(), rulebook=version)

    def _note(self, made: Verdict, at: datetime) -> None:
        """Keep for writing what differs from what is stored."""
        subject = (made.subject.kind, made.subject.key)
        now = {finding.kind: _signature(finding, made.rulebook) for finding in _alarming(made)}
        if now != self._known.get(subject, {}):
            self._changed[subject] = (made, at) if now else None
            if now:
                self._known[subject] = now
            else:
                self._known.pop(subject, None)

    def write(self, connection: Connection) -> None:
        """Put the changed verdicts and memories in the place of the old."""
        self._memories.write(connection)
        _past_verdicts.run(connection, list(self._changed))
        rows = [
            _row(made, finding, self._partition, at)
            for made, at in filter(None, self._changed.values())
            for finding in _alarming(made)
        ]
        _verdicts.upsert(connection, rows)

    def accept(self) -> None:
        """What changed is stored now."""
        self._memories.accept()
        self._changed = {}


def _alarming(made: Verdict) -> Iterable[Finding]:
    """The findings that say more than a score, the worst of each kind."""
    worst: dict[str, Finding] = {}
    for finding in made.findings:
        if finding.severity is not None:
            held = worst.get(finding.kind)
            if held is None or (finding.severity, finding.score) > (held.severity or 0, held.score):
                worst[finding.kind] = finding
    return worst.values()


def _signature(finding: Finding, version: str) -> tuple[Any, ...]:
    severity = None if finding.severity is None else finding.severity.name.lower()
    return (finding.rule, severity, finding.score, finding.impact_on, finding.quantity, version)


def _subject(entity: Entity, features: Mapping[str, Any], around: Surroundings) -> Subject:
    material = features.get("material") or entity.state.get("material")
    known = around.network.materials.get(material) if isinstance(material, str) else None
    product = features.get("product") or (known.product if known else None)
    return Subject(
        kind=entity.kind, key=entity.key, partner=entity.partner, site=entity.site, material=material, product=product
    )


def _row(made: Verdict, finding: Finding, partition: int, at: datetime) -> Row:
    subject = made.subject
    rule, severity, score, impact_on, quantity, version = _signature(finding, made.rulebook)
    factors = msgspec.to_builtins(finding.factors)
    return (
        subject.kind, subject.key, finding.kind, partition, subject.partner, subject.site, rule, severity, score,
        finding.likelihood, impact_on, quantity, finding.unit, finding.summary, factors, list(made.events), version,
        instant_2000(at),
    )  # fmt: skip
