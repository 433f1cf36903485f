"""Alembic's migrations, in the order of their numbers. `streams.schema` runs them."""
