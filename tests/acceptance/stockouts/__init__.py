"""Chances of a stock-out, as they are predicted from what partners told, held against what the simulator then did."""
