"""Methods of the field: pure functions, with their units and the source of their formula."""
