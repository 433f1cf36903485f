"""Rulebooks held against simulated worlds: who was warned of what truly happened, how early, and how often in vain."""
