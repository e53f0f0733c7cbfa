"""Tiers and schemes, which managers write; what was decided by them, which everybody only looks at."""

from tiers.admin.decided import MeasuresAdmin, MoveAdmin, StandingAdmin, why_link
from tiers.admin.overrides import OverrideAdmin
from tiers.admin.previews import PreviewAdmin
from tiers.admin.runs import RunAdmin
from tiers.admin.schemes import SchemeAdmin
from tiers.admin.tiers import CostRateAdmin, SkillAdmin, TierAdmin
from tiers.admin.value import ValueFitAdmin

__all__ = [
    "CostRateAdmin",
    "MeasuresAdmin",
    "MoveAdmin",
    "OverrideAdmin",
    "PreviewAdmin",
    "RunAdmin",
    "SchemeAdmin",
    "SkillAdmin",
    "StandingAdmin",
    "TierAdmin",
    "ValueFitAdmin",
    "why_link",
]
