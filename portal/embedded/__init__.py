"""PostgreSQL, Valkey and a letter box that start from wheels, for the demo and the tests. Never used in production."""
