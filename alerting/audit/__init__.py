"""The audit trail: entries in chains of hashes, checkpoints that are signed and kept elsewhere, and their verification."""

from alerting.audit.chain import append, key_in_force, read_end
from alerting.audit.entry import START, End, Entry, Row, hash_of, seal

__all__ = ["START", "End", "Entry", "Row", "append", "hash_of", "key_in_force", "read_end", "seal"]
