"""What the rules, time and people make of an alert, and whom that concerns: pure, with time as an argument."""
