"""Waiting, holding on and dwelling: whatever comes in whatever order, asked every minute or only when it matters."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from risk_rules.judge import Judge, Memory
from risk_rules.rulebook import parse

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
WAIT, DWELL = 60, 120
HIGH, LOW = 100, 80

TEXT = f"""
rulebook: 1
rules:
  - id: large
    subject: lot
    kind: large
    when: qty > {HIGH}
    exit: qty < {LOW}
    for: {{hours: 1}}
    dwell: {{hours: 2}}
    severity: "qty > 150 ? critical : warning"
    score: 30
    summary: "{{qty}} in one lot"
"""


def large() -> Judge:
    judge = parse(TEXT).judge("lot")
    assert judge is not None
    return judge


class LotOverTime(RuleBasedStateMachine):
    """A lot whose quantity moves; one judge is asked every minute, another by events and by its own wish alone."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = large()
        self.minute = 0
        self.qty: float | None = None
        self.often: Memory | None = None
        self.seldom: Memory | None = None
        self.again: datetime | None = None
        self.raised = False
        self.held_for = -1
        """Minutes for which the condition has held without a break; -1: it does not."""
        self.raised_at = 0

    @initialize(qty=st.sampled_from([0.0, 90.0, 120.0]))
    def begin(self, qty: float) -> None:
        self.moves(qty)

    @rule(qty=st.one_of(st.none(), st.sampled_from([50.0, 80.0, 90.0, 100.0, 101.0, 160.0])))
    def moves(self, qty: float | None) -> None:
        self.qty = qty
        if qty is None or qty <= HIGH:
            self.held_for = -1
        self._ask(event=True)

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.minute += 1
            self._ask(event=False)

    def _ask(self, *, event: bool) -> None:
        now, features = MONDAY + timedelta(minutes=self.minute), {"qty": self.qty}
        was, before = self.raised, self.held_for
        holds = self.qty is not None and self.qty > HIGH
        self.held_for = -1 if not holds else 0 if before < 0 else before + (not event)
        found, self.often, _ = self.judge(features, self.often, now)
        if event or (self.again is not None and now >= self.again):
            rarely, self.seldom, self.again = self.judge(features, self.seldom, now)
            assert rarely == found
        self.raised = bool(found)
        if self.raised and not was:
            assert self.held_for == WAIT, "raised exactly when the wait is over"
            self.raised_at = self.minute
        if not was and self.held_for >= WAIT:
            assert self.raised, "nothing that has stood for long enough is kept back"
        if was and not self.raised:
            assert self.qty is not None
            assert self.qty < LOW, "within the band nothing ends"
            assert self.minute - self.raised_at >= DWELL, "nothing ends before its dwell is over"
        if was and self.qty is not None and self.qty < LOW and self.minute - self.raised_at >= DWELL:
            assert not self.raised, "nothing outlasts its exit and its dwell"

    @invariant()
    def asked_seldom_or_every_minute_the_same_is_remembered(self) -> None:
        assert self.seldom == self.often

    @invariant()
    def nothing_is_remembered_of_a_lot_of_which_nothing_is_pending(self) -> None:
        if not self.raised and self.held_for < 0:
            assert self.often is None


TestLotOverTime = LotOverTime.TestCase
TestLotOverTime.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
