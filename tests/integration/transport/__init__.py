"""The streams on real brokers: who works on what, and what happens when a broker does not answer."""
