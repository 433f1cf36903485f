"""What a partner's profile says of a feed in EPCIS."""

from streams.intake.feed_file import FeedFile

MEDIA_TYPES = ("application/ld+json", "application/json")
"""Of EPCIS 2.0, section 12.4; a document says nothing else of itself outside."""

USUAL = ("desadv", "bol", "gsin", "ginc", "sscc")


class EpcisFeed(FeedFile, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="epcis"):
    """A feed of EPCIS documents.

    `shipment` says by what a shipment is known, the best first: a type of business transaction (`desadv`, `po`, or the
    partner's own as a URI) or a kind of identifier (`sscc`, `gsin`, `grai`...). All who tell of one shipment must mean the same.
    `books`: whether what is packed or shipped books the shipment; no where another feed does, and knows when it is to arrive.
    """

    shipment: tuple[str, ...] = USUAL
    books: bool = True
