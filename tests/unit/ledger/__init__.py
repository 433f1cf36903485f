"""The pure parts of the ledger."""
