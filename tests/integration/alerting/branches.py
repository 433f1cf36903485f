"""Ledgers of several partitions and two desks, each as if in a process of its own, on one database. Any of them may die."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from alerting.book import AlertBook
from alerting.configuration.configuration import Configuration
from alerting.configuration.loading import parse
from alerting.desk.desk import Desk, Worked
from risk_rules.findings import Verdict
from tests.integration.alerting.office import NINE, Office

PARTITIONS = {"BSL": "0", "TAR": "1"}
"""The partition of each site: one that all of its subjects share."""

DESKS = 2

_read = cache(parse)


class KilledError(BaseException):
    """The process came to its end here; nothing of ours may catch it."""


class Branches(Office):
    """As an office; `desk` is one of two in turn, and each follows the file of its own process."""

    def __init__(self, engine: Engine, text: str) -> None:
        self.engine = engine
        self.now = NINE
        self._files = [_read(text)] * DESKS
        self.configuration = self._files[0]
        self._turns = count()
        self.restart()

    def configure(self, text: str) -> Configuration:
        """All processes follow another file."""
        for number in range(DESKS):
            self.configure_one(number, text)
        return self.configuration

    def configure_one(self, number: int, text: str) -> None:
        """One process follows another file, and the others do not yet."""
        self.configuration = self._files[number] = _read(text)

    def restart(self) -> None:
        """Other processes take over, from what the database knows."""
        self.desks = [self._desk(number) for number in range(DESKS)]
        self.books = {partition: self._book(partition) for partition in PARTITIONS.values()}

    def restart_desk(self, number: int) -> None:
        """Another process with a desk."""
        self.desks[number] = self._desk(number)

    @property
    def desk(self) -> Desk:
        """Each in turn."""
        return self.desks[next(self._turns) % DESKS]

    def hear(self, *verdicts: Verdict) -> None:
        """The ledger of each verdict's partition writes what the rules find."""
        for verdict in verdicts:
            book = self.books[PARTITIONS[verdict.subject.site]]
            changes = book.observe([verdict], self.now, self.now)
            with self.engine.begin() as connection:
                changes.write(connection)
            book.accept(changes)

    def hear_and_die(self, verdict: Verdict, *, committed: bool) -> None:
        """The ledger dies before its commit or right after it; the partition goes to another, which reads the batch again."""
        partition = PARTITIONS[verdict.subject.site]
        changes = self.books[partition].observe([verdict], self.now, self.now)
        with self.engine.connect() as connection:
            transaction = connection.begin()
            changes.write(connection)
            if committed:
                transaction.commit()
            else:
                transaction.rollback()
        self.books[partition] = self._book(partition)
        self.hear(verdict)

    def work(self) -> Worked:
        """All desks work until none has anything left to do now."""
        worked = Worked()
        for desk in self.desks:
            more = True
            while more:
                one = desk.work(self.now)
                more = one.more
                worked = Worked(
                    worked.news + one.news, worked.due + one.due, worked.bundles + one.bundles,
                    worked.messages + one.messages,
                )  # fmt: skip
        return worked

    def work_together(self, *also: Callable[[], Any]) -> None:
        """The desks work at the same time, and people act."""
        works = [lambda desk=desk: desk.work(self.now) for desk in self.desks]
        with ThreadPoolExecutor(len(works) + len(also)) as threads:
            for done in [threads.submit(one) for one in (*works, *also)]:
                done.result()
        self.work()

    def die_at_work(self, number: int, statements: int) -> bool:
        """A desk is killed with that statement, or lives; whether it was. Another process takes its place."""
        try:
            with self._killed_after(statements):
                self.desks[number].work(self.now)
        except KilledError:
            self.restart_desk(number)
            return True
        return False

    @contextmanager
    def _killed_after(self, statements: int) -> Iterator[None]:
        """The statement after so many is the last thing that happens; the database undoes the transaction."""
        left = count(statements, -1)

        def count_down(*_: Any) -> None:
            if next(left) == 0:
                raise KilledError

        event.listen(self.engine, "before_cursor_execute", count_down)
        try:
            yield
        finally:
            event.remove(self.engine, "before_cursor_execute", count_down)

    def _desk(self, number: int) -> Desk:
        return Desk(self.engine, lambda: self._files[number])

    def _book(self, partition: str) -> AlertBook:
        book = AlertBook(lambda: self.configuration.reopen_within)
        with self.engine.begin() as connection:
            book.load(connection, partition)
        return book
