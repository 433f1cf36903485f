"""The versions of the rulebook: read from files, checked, tested, stored, and put in force for all workers at once."""
