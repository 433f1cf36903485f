"""What a partner's profile says of a feed in UBL."""

from streams.intake.feed_file import FeedFile

MEDIA_TYPES = ("application/xml", "text/xml")


class UblFeed(FeedFile, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="ubl"):
    """A feed of UBL documents: despatch advices. A shipment goes by the number (`cbc:ID`) of its advice."""
