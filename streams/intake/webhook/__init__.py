"""Signed webhooks: what partners bring over HTTP, by the Standard Webhooks specification, version 1.0.0."""
