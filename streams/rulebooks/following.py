"""The rulebooks in force as a ledger follows them: one look into the database before each batch."""

from sqlalchemy import Engine

from alerting.database import reading
from risk_rules.rulebook import Rulebook
from streams.rulebooks.store import in_force, stored


class NoRulebookError(RuntimeError):
    """No rulebook is in force in this database: start a worker with the role ledger, whose files are put in force."""


class Followed:
    """What is in force by the database. A version is compiled once; the compiled ones of the last look are kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._compiled: dict[str, Rulebook] = {}
        self._shadow: Rulebook | None = None

    def live(self) -> Rulebook:
        """The rulebook in force now. Raises `NoRulebookError`, and what the database raises."""
        with reading(self._engine) as connection:
            wanted = in_force(connection)
            if wanted.live is None:
                raise NoRulebookError(NoRulebookError.__doc__)
            versions = [version for version in wanted if version is not None]
            self._compiled = {
                version: self._compiled.get(version) or stored(connection, version) for version in versions
            }
        self._shadow = None if wanted.shadow is None else self._compiled[wanted.shadow]
        return self._compiled[wanted.live]

    def shadow(self) -> Rulebook | None:
        """The shadow that was in force when `live` was last called; None: there was none."""
        return self._shadow
