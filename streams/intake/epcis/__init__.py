"""EPCIS 2.0 (GS1) in JSON-LD: documents, query documents and single events, and what they mean to the service.

`document` reads and checks, `identifiers` and `vocabulary` know what GS1 calls things, `meaning` says what follows.
docs/epcis.md has the table of what becomes what.
"""

from streams.intake.epcis.feed import MEDIA_TYPES, EpcisFeed
from streams.intake.epcis.reading import read

__all__ = ["MEDIA_TYPES", "EpcisFeed", "read"]
