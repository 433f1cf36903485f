"""What the loggers in cold shipments measure, and what happens when the cooling fails."""

from streams.simulation import transport
from streams.simulation.chance import dice
from streams.simulation.state import Shipment, State

READING_EVERY_HOURS = 0.5
REPORT_EVERY_HOURS = 6
WARM_HOURS = 20
"""How long the cooling fails."""

WARM_CELSIUS = 16.0
WARMING_HOURS = 3


def report(state: State, day: int) -> None:
    """The logger reports of one day, for all goods on the way that must be kept within a range."""
    for shipment in state.shipments.values():
        material = state.network.materials[shipment.material]
        if shipment.departed is None or material.temp_min is None or material.temp_max is None:
            continue
        middle = (material.temp_min + material.temp_max) / 2
        for report_hour in range(REPORT_EVERY_HOURS, 25, REPORT_EVERY_HOURS):
            hour = 24 * (day - shipment.departed) + report_hour
            if hour > 15 + REPORT_EVERY_HOURS and report_hour <= _last_hour(shipment, day):
                _report(state, shipment, day, report_hour, middle)


def _last_hour(shipment: Shipment, day: int) -> int:
    """Loggers are read out for the last time before the goods are taken in."""
    return 6 if shipment.arrives == day else 24


def _report(state: State, shipment: Shipment, day: int, hour: int, middle: float) -> None:
    assert shipment.departed is not None
    luck = dice(state.seed, "logger", shipment.code, day - shipment.departed, hour)
    readings: list[dict[str, object]] = []
    for index in range(int(REPORT_EVERY_HOURS / READING_EVERY_HOURS)):
        read_at = hour - REPORT_EVERY_HOURS + (index + 1) * READING_EVERY_HOURS
        since = 24 * (day - shipment.departed) + read_at - 15
        celsius = luck.gauss(middle, 0.45) + _warming(shipment, since, middle)
        readings.append({"at": state.calendar.at(day, read_at), "celsius": round(celsius, 1)})
    data = {"logger_id": f"LG-{shipment.code[4:]}", "readings": readings}
    transport.tell(state, shipment, "condition", min(hour + 0.1, 23.9), data)


def _warming(shipment: Shipment, since: float, middle: float) -> float:
    """Degrees over the usual, `since` hours after departure."""
    if shipment.warm_from is None or not shipment.warm_from <= since <= shipment.warm_from + WARM_HOURS:
        return 0.0
    return (WARM_CELSIUS - middle) * min(1.0, (since - shipment.warm_from) / WARMING_HOURS)
