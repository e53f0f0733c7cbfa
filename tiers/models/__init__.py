"""Tiers, schemes, runs, standings and moves."""

from tiers.models.run import Run, Shard
from tiers.models.scheme import Bar, Perk, Scheme, Tier
from tiers.models.standing import Measures, Move, Standing

__all__ = ["Bar", "Measures", "Move", "Perk", "Run", "Scheme", "Shard", "Standing", "Tier"]
