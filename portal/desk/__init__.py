"""The desk: what waits for this colleague, search, and the pop of the phone system."""
