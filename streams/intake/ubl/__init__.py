"""UBL 2 (OASIS, ISO/IEC 19845): DespatchAdvice of versions 2.0 to 2.4.

`tree` reads XML without declarations and within bounds, `despatch` says what follows. docs/edi.md has the table of what
becomes what.
"""

from streams.intake.ubl.feed import MEDIA_TYPES, UblFeed
from streams.intake.ubl.reading import read

__all__ = ["MEDIA_TYPES", "UblFeed", "read"]
