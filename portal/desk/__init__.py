"""The desk: what waits for this colleague, search, and adding a customer."""
