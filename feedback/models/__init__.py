"""Surveys, invitations, links, visits, answers with replies, and recoveries."""

from feedback.models.answer import Answer, Visit
from feedback.models.invitation import AskingRules, Invitation, Link
from feedback.models.recovery import Recovery
from feedback.models.reply import Reply
from feedback.models.survey import Choice, Question, QuestionTouchPoint, Survey, SurveyTouchPoint

__all__ = [
    "Answer",
    "AskingRules",
    "Choice",
    "Invitation",
    "Link",
    "Question",
    "QuestionTouchPoint",
    "Recovery",
    "Reply",
    "Survey",
    "SurveyTouchPoint",
    "Visit",
]
