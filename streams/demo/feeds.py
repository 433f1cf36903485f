"""What each partner sent in which format over which way, and what became of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from streams import metrics
from streams.demo.summary import FeedSeen
from streams.intake.cloudevents import BATCH_JSON, STRUCTURED_JSON
from streams.intake.feed_record import content_type
from streams.simulation.deliveries import Delivery, Dropped, Posted

FORMATS: Final[Mapping[str, str]] = {
    STRUCTURED_JSON: "CloudEvents",
    BATCH_JSON: "CloudEvents batch",
    "application/ld+json": "EPCIS",
    "application/edifact": "EDIFACT",
    "application/edi-x12": "X12",
    "application/xml": "UBL",
}
"""By media type, where the way and the headers do not say it."""


class Said(NamedTuple):
    """In which format something was said, and by which way."""

    format: str
    way: str

    def __str__(self) -> str:
        return f"{self.format} by {self.way}"


def said(delivery: Delivery) -> Said:
    """The format and the way of a delivery."""
    if isinstance(delivery, Dropped):
        return Said(Path(delivery.name).suffix[1:].upper(), "folder")
    if isinstance(delivery, Posted):
        return Said(FORMATS.get(content_type(delivery.content_type).media_type, "own JSON"), "webhook")
    text = dict(delivery.headers)["content-type"].decode()
    return Said(FORMATS.get(content_type(text).media_type, "CloudEvents binary"), "topic")


def feeds(
    told: Mapping[str, Counter[Said]], not_signed: Counter[str], refused_files: Counter[str]
) -> tuple[FeedSeen, ...]:
    """By partner: what it sent, and what this process's intake made of it; requests and files that never came so far."""
    taken, letters = _by_partner("bellwether_intake_records_total"), _by_partner("bellwether_intake_refused_total")
    return tuple(
        FeedSeen(
            partner=partner,
            formats={str(one): number for one, number in sorted(sent.items())},
            records=taken[partner] + not_signed[partner] + refused_files[partner],
            accepted=taken[partner] - letters[partner],
            rejected=letters[partner] + not_signed[partner] + refused_files[partner],
            letters=letters[partner],
        )
        for partner, sent in sorted(told.items())
    )


def _by_partner(name: str) -> Counter[str]:
    """A counter of this process, summed by partner."""
    found: Counter[str] = Counter()
    counters: Iterable[metrics.Counter] = (metrics.intake_records, metrics.intake_refused)
    for counter in counters:
        for metric in counter.collect():
            for sample in metric.samples:
                if sample.name == name:
                    found[sample.labels["partner"]] += int(sample.value)
    return found
