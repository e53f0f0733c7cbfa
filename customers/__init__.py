"""Facts: people, orders, conversations, what went wrong, what was promised."""
