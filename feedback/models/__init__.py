"""Invitations, links, visits, answers and recoveries."""

from feedback.models.answer import Answer, Visit
from feedback.models.invitation import AskingRules, Invitation, Link
from feedback.models.recovery import Recovery

__all__ = ["Answer", "AskingRules", "Invitation", "Link", "Recovery", "Visit"]
