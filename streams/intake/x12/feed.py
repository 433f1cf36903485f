"""What a partner's profile says of a feed in X12."""

from streams.intake.feed_file import FeedFile

MEDIA_TYPES = ("application/edi-x12",)
"""Of RFC 1767, section 2."""


class X12Feed(FeedFile, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="x12"):
    """A feed of X12 interchanges.

    `shipment` says by which reference (qualifier of REF or L11) a shipment is known, the best first; a transaction set without
    any goes by its shipment identification: BSN02 in an 856, B1002 in a 214.
    """

    shipment: tuple[str, ...] = ("SI",)
