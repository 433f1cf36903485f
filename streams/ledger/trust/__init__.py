"""How far the feeds of a partition can be trusted, learned from what they send."""
