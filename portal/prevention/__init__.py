"""Prevention: what goes wrong, where and how often; what is done about it, and whether that helped."""
