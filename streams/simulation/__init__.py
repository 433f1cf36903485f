"""A network of contract manufacturers that lives, tells of itself as partners do, and goes wrong on request."""

from pathlib import Path

NETWORK_FILE = Path(__file__).parent / "network.yaml"
"""The reference network: what the simulation runs, and what a service that listens to it must know."""

PROFILES = Path(__file__).parent / "profiles"
"""The profiles that read what the simulated partners send as tables."""
