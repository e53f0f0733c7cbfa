"""Cards from outside: what other systems of the house know of a customer, fetched after the page has stood."""
