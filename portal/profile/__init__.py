"""Correcting what we know of a customer: the profile, and numbers or addresses that are not theirs."""
