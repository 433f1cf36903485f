"""Sites, materials, products, routes, suppliers and demand: the reference data that events are read against."""
