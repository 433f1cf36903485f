"""Tests of rules, written in YAML beside the rulebook: features or events in, the findings that are expected out."""
