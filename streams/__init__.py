"""Events in, state and verdicts out: the streams, the ledger, and the command line that composes them."""
