"""Brings written messages to their receivers, each once, or marked as a possible repeat."""
