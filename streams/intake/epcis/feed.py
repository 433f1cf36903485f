"""What a partner's profile says of a feed in EPCIS."""

from streams.intake.epcis.identifiers import SCHEMES
from streams.intake.epcis.vocabulary import TransactionType
from streams.intake.feed_file import FeedFile

MEDIA_TYPES = ("application/ld+json", "application/json")
"""A document says nothing else of itself on the outside (EPCIS 2.0, section 12)."""

USUAL = ("desadv", "bol", "gsin", "ginc", "sscc")


class EpcisFeed(FeedFile, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="epcis"):
    """A feed of EPCIS documents.

    `shipment` says by what a shipment is known, the best first: a type of business transaction (`desadv`, `po`, or the
    partner's own as a URI) or a kind of identifier (`sscc`, `gsin`, `grai`...). All who tell of one shipment must mean the same.
    `books`: whether what is packed or shipped books the shipment; no where another feed does, and knows when it is to arrive.
    """

    shipment: tuple[str, ...] = USUAL
    books: bool = True

    def __post_init__(self) -> None:
        for kind in self.shipment:
            if kind not in SCHEMES:
                try:
                    TransactionType.read(kind)
                except ValueError:
                    known = ", ".join(sorted(SCHEMES | TransactionType.words))
                    raise ValueError(f"`shipment` knows no {kind!r}; it takes a URI or one of {known}") from None
