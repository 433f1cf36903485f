"""Workers, broker and database are killed under load; then every table, alert and message is held against what should be.

python -m tests.chaos.run --stack kafka+postgres --kills 200
python -m tests.chaos.run --short
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import update

from alerting.database import connect
from alerting.delivery.outbox import State
from alerting.delivery.pace import Pace
from alerting.delivery.receiver import ChatReceiver
from alerting.tables import outbox
from streams.topics import EVENTS_TOPIC, TopicAdmin
from tests.chaos import differences, undisturbed
from tests.chaos.evidence import records_of
from tests.chaos.feeding import Feeding, days
from tests.chaos.havoc import Breaker, Killer, Tally
from tests.chaos.lookout import Lookout
from tests.chaos.report import Outcome, print_outcome, tell
from tests.chaos.stack import PARTITIONS, Kind, Stack, standing
from tests.chaos.worker import Worker

ROLES = {"ledger-1": ("ledger", "dispatch"), "ledger-2": ("ledger", "dispatch"), "intake": ("intake",)}
TELL_EVERY_SECONDS = 5.0
DRAIN_SECONDS = 300.0
SHOWN = 20
LONG_BEGUN = timedelta(seconds=5)
AS_WRITTEN = argparse.RawDescriptionHelpFormatter


@dataclass(frozen=True)
class Plan:
    """How long and how hard. `minutes` ends a run that does not come to its `kills`."""

    kind: Kind
    kills: int
    minutes: float
    seed: int
    rate: float
    servers_every_seconds: float
    waits_for_leases: bool
    """Whether a message that a killed dispatcher had begun waits for its lease; else the lease is let run out at once."""


class Run:
    """One run: the parts, from their start to their end."""

    def __init__(self, plan: Plan, stack: Stack, chat: ChatReceiver) -> None:
        luck = random.Random(plan.seed)
        self.plan = plan
        self.stack = stack
        self.chat = chat
        self.tally = Tally()
        self.over = threading.Event()
        self.lookout = Lookout(stack)
        self.feeding = Feeding(
            stack, plan.seed, rate=plan.rate, most_waiting=max(1000, round(10 * plan.rate)), backlog=self.backlog,
            through=lambda: self.lookout.sight.through_intake,
        )  # fmt: skip
        self.breaker = Breaker(
            stack, self.tally, random.Random(luck.random()), self.over, every_seconds=plan.servers_every_seconds
        )
        settings = stack.settings(chat.address)
        self.killers = [
            Killer(Worker(name, roles, settings, stack.folder), self.tally, random.Random(luck.random()), self.over)
            for name, roles in ROLES.items()
        ]  # fmt: skip

    def backlog(self) -> int:
        sight = self.lookout.sight
        return sight.to_count + sight.to_take_in(self.feeding.ends)

    def live(self) -> Outcome:
        """Feed and kill, then let everything come to rest, then judge."""
        began = time.monotonic()
        for part in (self.lookout, self.feeding, self.breaker, *self.killers):
            part.start()
        try:
            self._attack(began)
            drained = self._come_to_rest(began)
            seconds = time.monotonic() - began
        finally:
            self.over.set()
            self.feeding.finish()
            self._end_workers()
            self.lookout.stop()
        faults = list(self.tally.faults)
        if not drained:
            faults.append(f"not at rest after {DRAIN_SECONDS:.0f} s: {self.lookout.sight}")
        tell("comparing: an undisturbed run of the same records, an oracle, and what the receiver got")
        return self._judge(seconds, faults)

    def _attack(self, began: float) -> None:
        told = 0.0
        while self.tally.kills < self.plan.kills and time.monotonic() - began < 60 * self.plan.minutes:
            self._breathe()
            for part in (self.feeding, self.breaker):
                if part.fault is not None:
                    raise part.fault
            if time.monotonic() - told > TELL_EVERY_SECONDS:
                told = time.monotonic()
                self._tell(told - began)
        self.over.set()
        self.breaker.join()
        self.feeding.finish()
        for killer in self.killers:
            killer.join()

    def _come_to_rest(self, began: float) -> bool:
        give_up_at, told = time.monotonic() + DRAIN_SECONDS, 0.0
        while time.monotonic() < give_up_at:
            for killer in self.killers:
                killer.keep_up()
            if not self.feeding.is_alive() and self.lookout.sight.at_rest(self.feeding.ends):
                return True
            self._breathe()
            if time.monotonic() - told > TELL_EVERY_SECONDS:
                if not self.plan.waits_for_leases:
                    self._let_leases_run_out()
                told = time.monotonic()
                self._tell(told - began)
        return False

    def _breathe(self) -> None:
        """Wait a moment, and note when it became a long one."""
        began = time.monotonic()
        time.sleep(0.2)
        if (took := time.monotonic() - began) > 3:
            self.tally.stalled(took)

    def _let_leases_run_out(self) -> None:
        """Of messages that were begun a while ago: their dispatchers are gone, and only the lease is still waited for."""
        lease = Pace().lease
        begun = outbox.c.state == State.LEASED, outbox.c.next_attempt_at < datetime.now(UTC) + lease - LONG_BEGUN
        engine = connect(self.stack.database_url, pool_size=1)
        with engine.begin() as connection:
            connection.execute(update(outbox).where(*begun).values(next_attempt_at=datetime.now(UTC)))
        engine.dispose()

    def _end_workers(self) -> None:
        for killer in self.killers:
            if killer.ident is not None:
                killer.join()
                killer.worker.end(signal.SIGTERM)

    def _tell(self, seconds: float) -> None:
        sight, tally = self.lookout.sight, self.tally
        tell(
            f"{seconds:4.0f} s  kills {tally.kills}/{self.plan.kills}  stops {tally.stops}  servers {tally.restarts.total()}  "
            f"day {self.feeding.days}  sent {self.feeding.records}  counted {sight.counted}  to go "
            f"{sight.to_take_in(self.feeding.ends)}+{sight.to_count}  alerts {sight.alerts}  messages "
            f"{len(self.chat.received)}+{sight.to_send}  faults {len(tally.faults)}"
        )

    def _judge(self, seconds: float, faults: Sequence[str]) -> Outcome:
        stack = self.stack
        with TopicAdmin(stack.broker.bootstrap, {}) as admin:
            topic_id = admin.topic_id(EVENTS_TOPIC)
        partitions = records_of(stack.broker.bootstrap, EVENTS_TOPIC, PARTITIONS)
        history = islice(days(stack.network, self.plan.seed), self.feeding.days)
        accepted, refused = undisturbed.taken_in(history, stack.network)
        quiet = undisturbed.ledger(partitions, topic_id, stack, f"sqlite:///{stack.folder / 'quiet.db'}")
        engine = connect(stack.database_url)
        found = {
            "faults": list(faults),
            "intake": list(differences.at_the_intake(accepted, refused, partitions, stack.broker.bootstrap)),
            "counts": list(differences.in_the_counts(engine, topic_id, partitions)),
            "oracle": list(differences.from_the_oracle(engine, partitions, stack.network)),
            "undisturbed": list(differences.from_the_undisturbed(engine, quiet)),
            "messages": list(differences.in_the_messages(engine, self.chat.received)),
        }
        quiet.dispose()
        engine.dispose()
        return Outcome(
            stack=stack.kind.value, seed=self.plan.seed, seconds=round(seconds, 1), tally=self.tally,
            days=self.feeding.days, sent=self.feeding.records, sight=self.lookout.sight, refused=refused.total(),
            received=len(self.chat.received), differences=found,
        )  # fmt: skip


def run(plan: Plan, folder: Path) -> Outcome:
    """One run in an empty folder that other accounts may enter."""
    with standing(plan.kind, folder) as stack, ChatReceiver() as chat:
        return Run(plan, stack, chat).live()


def planned(arguments: Sequence[str] | None = None) -> tuple[Plan, argparse.Namespace]:
    """The plan that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__, formatter_class=AS_WRITTEN)
    parser.add_argument(
        "--stack", type=Kind, choices=list(Kind), help="default: kafka+postgres; short: embedded+sqlite"
    )
    parser.add_argument("--kills", type=int, help="SIGKILLs of workers (default: 200, on embedded+sqlite 50, short 10)")
    parser.add_argument("--minutes", type=float, help="at most so long, without the comparison (default: 20, 10, 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=250.0, help="records a second sent (default: 250)")
    parser.add_argument("--short", action="store_true", help="a look in a minute")
    parser.add_argument("--keep", action="store_true", help="leave logs and data behind")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    said = parser.parse_args(arguments)
    kind = said.stack or (Kind.EMBEDDED_SQLITE if said.short else Kind.KAFKA_POSTGRES)
    kills, minutes = (10, 3.0) if said.short else (50, 10.0) if kind is Kind.EMBEDDED_SQLITE else (200, 20.0)
    plan = Plan(
        kind, said.kills or kills, said.minutes or minutes, said.seed, said.rate,
        servers_every_seconds=30.0 if said.short else 75.0, waits_for_leases=not said.short,
    )  # fmt: skip
    return plan, said


def main() -> None:
    """Run, tell, and exit with 1 on any difference."""
    plan, said = planned()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers and workers must not outlive us
    folder = Path(tempfile.mkdtemp(prefix="bellwether-chaos-"))
    folder.chmod(0o755)
    tell(f"{plan.kind}: at least {plan.kills} kills in at most {plan.minutes:g} minutes; logs in {folder}")
    outcome = run(plan, folder)
    print_outcome(outcome, shown=SHOWN)
    if said.json:
        json.dump(outcome.as_json(), sys.stdout)
        print()
    if outcome.exact and not said.keep:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if outcome.exact else 1)


if __name__ == "__main__":
    main()
