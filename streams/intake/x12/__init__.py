"""ASC X12: ship notices (856) and carriers' status messages (214), of any release from 004010 on.

No library that is kept reads these two: those on PyPI read health-care sets, or split segments and no more. So `interchange`
splits and checks the envelope itself, and `ship_notice` and `carrier_status` say what follows. docs/edi.md has the table.
"""

from streams.intake.x12.feed import MEDIA_TYPES, X12Feed
from streams.intake.x12.reading import read

__all__ = ["MEDIA_TYPES", "X12Feed", "read"]
