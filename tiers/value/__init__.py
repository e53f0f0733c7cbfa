"""Predicted value: how often a customer will buy again, and what that will bring. Pure mathematics, over arrays."""
