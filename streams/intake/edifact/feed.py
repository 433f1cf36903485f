"""What a partner's profile says of a feed in EDIFACT."""

from collections.abc import Iterator

from streams.intake.feed_file import Fault, FeedFile, Words
from streams.network import units

MEDIA_TYPES = ("application/edifact",)
"""Of RFC 1767, section 3."""


class EdifactFeed(FeedFile, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="edifact"):
    """A feed of EDIFACT interchanges.

    `shipment` says by which reference (qualifier of RFF) a shipment is known, the best first; a message without any goes by
    its own number: that of the despatch advice, that of the consignment. `uom`: the unit (Rec 20) of amounts without one.
    """

    shipment: tuple[str, ...] = ("AAK",)
    uom: str | None = None


def faults(said: EdifactFeed, words: Words) -> Iterator[Fault]:
    """All that is wrong with what a feed says."""
    if said.uom is not None and said.uom not in units.KNOWN:
        yield Fault(("uom",), f"{said.uom} is no unit of UN/ECE Rec 20 that is known here", "such as C62 or KGM")
