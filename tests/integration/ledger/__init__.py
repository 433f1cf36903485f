"""The ledger on real databases: what events of a site come to, and what is written together."""
