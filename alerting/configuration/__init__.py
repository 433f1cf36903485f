"""`alerting.yaml`: who is told of what, when, and who comes next."""
