"""UN/EDIFACT (ISO 9735, batch): despatch advices (DESADV) and carriers' status reports (IFTSTA) of any directory.

`interchange` reads and checks the envelope, `despatch` and `transport` say what follows. docs/edi.md has the table of what
becomes what.
"""

from streams.intake.edifact.feed import MEDIA_TYPES, EdifactFeed, faults
from streams.intake.edifact.reading import read

__all__ = ["MEDIA_TYPES", "EdifactFeed", "faults", "read"]
