"""A network of contract manufacturers that lives, tells of itself as partners do, and goes wrong on request."""
