"""Hints: what is worth trying with this customer, why, and what has been learned of such hints."""
