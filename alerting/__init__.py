"""From a verdict to a person: the life of an alert, its outbox and its delivery."""
