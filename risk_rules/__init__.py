"""Pure risk evaluation: expressions, rulebooks, methods and verdicts. Knows no clock, no database and no broker."""
