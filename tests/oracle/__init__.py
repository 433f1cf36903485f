"""What the ledger must come to, worked out a second time in the plainest way, and the histories to hold the two against."""
