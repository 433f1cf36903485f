"""`alerting.yaml`: who is told of what."""

from alerting.configuration.flat import load

__all__ = ["load"]
