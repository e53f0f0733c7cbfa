"""The contact view: everything about one customer, in the middle of a conversation."""
