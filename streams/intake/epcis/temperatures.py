"""What sensors measured of temperature, as readings of a logger in degrees Celsius."""

from typing import Any, Final

import msgspec

from streams.intake.epcis.schema import SensorElement, SensorMetadata, SensorReport
from streams.intake.refusal import Reason, Refusal, quoted

_TO_CELSIUS: Final = {"CEL": (0.0, 1.0), "KEL": (273.15, 1.0), "FAH": (32.0, 1.8)}
"""By unit (Rec 20): what is taken off, and by what the rest is divided."""


def readings(elements: tuple[SensorElement, ...], at: str, place: str) -> dict[str, list[dict[str, Any]]]:
    """The readings of each logger; those without a time of their own at the event's. Raises `Refusal` for a strange unit.

    A report over a stretch of time gives its lowest at the start and its highest at the end, so that no excursion is hidden.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for number, element in enumerate(elements):
        for position, report in enumerate(element.sensor_report):
            if report.type == "Temperature":
                logger = report.device_id or element.sensor_metadata.device_id
                where = f"{place}.sensorElementList[{number}].sensorReport[{position}]"
                for when, value in _measured(report, element.sensor_metadata, at):
                    found.setdefault(logger, []).append({"at": when, "celsius": _celsius(value, report.uom, where)})
    return {logger: taken for logger, taken in found.items() if taken}


def _measured(report: SensorReport, metadata: SensorMetadata, at: str) -> list[tuple[str, float]]:
    one = report.time or metadata.time
    start, end = one or metadata.start_time or at, one or metadata.end_time or at
    if report.value is not msgspec.UNSET:
        return [(end.upper(), report.value)]
    span = [(start, report.min_value), (end, report.max_value)]
    told = [(when.upper(), value) for when, value in span if value is not msgspec.UNSET]
    if not told and report.mean_value is not msgspec.UNSET:
        told = [(end.upper(), report.mean_value)]
    if (
        len(told) == 2 and told[0][0] == told[1][0]
    ):  # one instant: the ledger keeps one reading of it, and it is the worse
        return [told[1]]
    return told


def _celsius(value: float, uom: str, place: str) -> float:
    scale = _TO_CELSIUS.get(uom)
    if scale is None:
        message = f"A temperature is in {', '.join(_TO_CELSIUS)} (Rec 20), not in {quoted(uom)}"
        raise Refusal(Reason.BAD_FIELD, message, f"{place}.uom")
    return round((value - scale[0]) / scale[1], 6)
