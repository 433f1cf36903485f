"""What a process of the service does."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does; one may do all."""

    INTAKE = "intake"
    LEDGER = "ledger"
    DISPATCH = "dispatch"
    ARCHIVE = "archive"
