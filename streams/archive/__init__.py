"""What came is kept: every raw record beyond the broker's retention, and the way from a canonical event back to its bytes."""
