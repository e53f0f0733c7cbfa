"""Doors to what is decided."""
