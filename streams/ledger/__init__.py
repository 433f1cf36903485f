"""The ledger: what the events of a site add up to, kept in SQL with the position of the stream that told of it."""
