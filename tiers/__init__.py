"""Deciding: value, schemes, runs and moves."""
