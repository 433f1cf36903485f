"""What it takes to run Bellwether: migrations of the database, containers, Prometheus' rules, example files."""
