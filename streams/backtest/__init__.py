"""What a rulebook would have said over the past: stored events through the same ledger, judged by what happened after."""
