"""Surveys, invitations, links, visits, answers with replies, and recoveries."""

from feedback.models.answer import Answer, Visit
from feedback.models.calendar import Holiday, WorkingHours
from feedback.models.cause import Cause
from feedback.models.giving import GestureKind, GivingAllowance
from feedback.models.giving_ledger import GivingEntry, GivingMonth
from feedback.models.giving_request import GestureRequest
from feedback.models.invitation import Invitation, Link
from feedback.models.mending import MendingRules, NamedOwner
from feedback.models.prevention import PreventionAction
from feedback.models.put_right import PutRight
from feedback.models.recovery import Recovery, RecoveryStep
from feedback.models.reply import Reply
from feedback.models.rules import AskingRules
from feedback.models.survey import Choice, Question, QuestionTouchPoint, Survey, SurveyTouchPoint
from feedback.models.tone import CommentTone

__all__ = [
    "Answer",
    "AskingRules",
    "Cause",
    "Choice",
    "CommentTone",
    "GestureKind",
    "GestureRequest",
    "GivingAllowance",
    "GivingEntry",
    "GivingMonth",
    "Holiday",
    "Invitation",
    "Link",
    "MendingRules",
    "NamedOwner",
    "PreventionAction",
    "PutRight",
    "Question",
    "QuestionTouchPoint",
    "Recovery",
    "RecoveryStep",
    "Reply",
    "Survey",
    "SurveyTouchPoint",
    "Visit",
    "WorkingHours",
]
