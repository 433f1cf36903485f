"""Deviations and the actions that follow from them: most are small, and are closed in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.simulation.chance import dice
from streams.simulation.state import Batch, Phase, State

PART_WITH_DEVIATION = 0.08
DUE_DAYS = 30
CAPA_DUE_DAYS = 60
CAUSES = ("human error", "equipment", "documentation", "material", "environment")
TITLES = (
    "Late signature in the batch record",
    "Door alarm in a clean corridor",
    "Label reprint",
    "Balance check late",
    "Short stop of the line",
)


@dataclass(slots=True)
class Deviation:
    """A deviation that is open, or has an open CAPA. Days are day numbers."""

    code: str
    site: str
    close_on: int
    capa_on: int | None = None
    capa_close_on: int | None = None
    cause: str = "equipment"
    closed: bool = False


@dataclass(slots=True)
class Quality:
    """The quality units of all sites."""

    open: dict[str, Deviation] = field(default_factory=dict)

    def watch(self, state: State, day: int) -> None:
        """Opens the small deviations of the day and moves the open ones on."""
        for batch in state.batches.values():
            if batch.phase == Phase.STARTED and batch.started == day - 1:
                self._small_one(state, batch, day)
        for deviation in list(self.open.values()):
            self._follow(state, deviation, day)

    def _small_one(self, state: State, batch: Batch, day: int) -> None:
        luck = dice(state.seed, "deviation", batch.code)
        if luck.random() >= PART_WITH_DEVIATION:
            return
        deviation = self.raise_one(state, batch, day, "minor", luck.choice(TITLES), day + luck.randint(8, 24))
        deviation.cause = luck.choice(CAUSES)
        if luck.random() < 0.5:
            deviation.capa_on = deviation.close_on - 2
            deviation.capa_close_on = deviation.close_on + luck.randint(14, 45)

    def raise_one(
        self, state: State, batch: Batch, day: int, grade: str, title: str, close_on: int, kind: str = "deviation"
    ) -> Deviation:
        """Opens a deviation on a batch. `close_on` is when it will be closed, not when it is due."""
        site = batch.route.site
        deviation = Deviation(f"DEV-{site}-{state.number(f'deviation {site}'):04}", site, close_on)
        self.open[deviation.code] = deviation
        told = {
            "class": grade,
            "type": kind,
            "opened_at": state.calendar.at(day, 11),
            "detected_at": state.calendar.at(day, 8),
            "due_date": state.calendar.at(day + DUE_DAYS, 16),
            "batch_ids": [batch.code],
            "line": batch.line,
            "title": title,
        }
        self.tell(state, deviation, "opened", day, 11, told)
        return deviation

    def _follow(self, state: State, deviation: Deviation, day: int) -> None:
        if deviation.capa_on == day:
            told = {"capa_id": _capa(deviation), "capa_due": state.calendar.at(day + CAPA_DUE_DAYS, 16)}
            self.tell(state, deviation, "capa_opened", day, 13, told | {"title": f"Prevent: {deviation.cause}"})
        if not deviation.closed and deviation.close_on <= day:
            deviation.closed = True
            told = {"closed_at": state.calendar.at(day, 8.5), "root_cause_category": deviation.cause}
            self.tell(state, deviation, "closed", day, 8.5, told)
        if deviation.capa_close_on is not None and deviation.capa_close_on <= day:
            told = {"capa_id": _capa(deviation), "closed_at": state.calendar.at(day, 15)}
            self.tell(state, deviation, "capa_closed", day, 15, told)
            deviation.capa_close_on = None
        if deviation.closed and deviation.capa_close_on is None:
            del self.open[deviation.code]

    @staticmethod
    def tell(state: State, deviation: Deviation, kind: str, day: int, hour: float, data: Mapping[str, object]) -> None:
        about = f"deviation {deviation.code}"
        data = {"deviation_id": deviation.code, **data}
        state.journal.tell(deviation.site, f"deviation.{kind}", day, hour, data, about)


def _capa(deviation: Deviation) -> str:
    return f"CAPA{deviation.code[3:]}"
