"""Tiers, schemes, runs, standings, moves and overrides."""

from tiers.models.cost import CostRate
from tiers.models.measures import Measures
from tiers.models.override import Override
from tiers.models.perk_use import PerkUse
from tiers.models.preview import Preview, PreviewMove, PreviewShard
from tiers.models.room import VideoRoom
from tiers.models.run import Run, Shard
from tiers.models.scheme import Bar, Perk, Scheme, Skill, Tier, Weight
from tiers.models.standing import Move, Standing
from tiers.models.value import ValueFit

__all__ = [
    "Bar",
    "CostRate",
    "Measures",
    "Move",
    "Override",
    "Perk",
    "PerkUse",
    "Preview",
    "PreviewMove",
    "PreviewShard",
    "Run",
    "Scheme",
    "Shard",
    "Skill",
    "Standing",
    "Tier",
    "ValueFit",
    "VideoRoom",
    "Weight",
]
