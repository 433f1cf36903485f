"""What was refused, and what becomes of it: looked at, put back once the fault is mended, or given up with a reason."""
