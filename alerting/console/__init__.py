"""Pages for people, on the service's own port."""
