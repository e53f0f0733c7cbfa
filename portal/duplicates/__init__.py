"""Customers who may be one: the list, side by side, and what was merged."""
