"""What is asked: versions of surveys, their follow-up questions, and where each is asked."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import TouchPoint
from customers.models.versions import published_is_fixed, times_fit_state
from feedback.enums import Enjoyed, QuestionKind, SurveyState

# Held by the database: the question's place is a number from 1 to this.
MOST_QUESTIONS = 4
MOST_CHOICES = 8


def every_answer() -> list[str]:
    """Return the answers to the lead question, as a question that is asked after each of them keeps them."""
    return list(Enjoyed.values)


class Survey(models.Model):
    """A version of what is asked after the lead question. Once published it never changes; the database refuses.

    Texts are kept by language: `{"en": "…", "de": "…"}`. A thank-you that says nothing leaves it to the page's own.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("For colleagues; customers never see it."))
    state = models.CharField(_("state"), max_length=10, choices=SurveyState.choices, default=SurveyState.DRAFT)
    is_for_all = models.BooleanField(
        _("for all touch points"), default=True, help_text=_("Except those that have a survey of their own.")
    )
    touch_points: "models.ManyToManyField[TouchPoint, SurveyTouchPoint]" = models.ManyToManyField(
        TouchPoint, through="SurveyTouchPoint", verbose_name=_("touch points"), related_name="surveys"
    )
    names_agent = models.BooleanField(
        _("name the colleague"),
        default=False,
        help_text=_("The letter and the page say who looked after the customer."),
    )
    thanks_yes = models.JSONField(_("thank-you after yes"), default=dict, blank=True)
    thanks_partly = models.JSONField(_("thank-you after in part"), default=dict, blank=True)
    thanks_no = models.JSONField(_("thank-you after no"), default=dict, blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=("state",),
                condition=Q(state=SurveyState.PUBLISHED, is_for_all=True),
                name="survey_one_published_for_all",
                violation_error_message=_("Another survey for all touch points is published."),
            ),
            times_fit_state("survey"),
        )
        triggers = (
            published_is_fixed("survey"),
            pgtrigger.Trigger(
                name="survey_tells_its_touch_points",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Condition("OLD.state <> NEW.state"),
                func="""
                    -- The trigger there takes the survey's state over.
                    UPDATE feedback_surveytouchpoint SET is_published = (NEW.state = 'published')
                    WHERE survey_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    def thanks(self, enjoyed: str) -> dict[str, str]:
        """Return the thank-you after an answer, by language; empty where the page's own is meant."""
        texts: dict[str, str] = getattr(self, f"thanks_{enjoyed}")
        return texts


def _fixed(name: str, survey: str) -> pgtrigger.Trigger:
    """Return a trigger that keeps what belongs to a survey as it is once that is published.

    `survey` is SQL for the survey's key, in terms of ROW, which stands for OLD and for NEW.
    """
    func = _FIXED.replace("NAME", name)
    for row in ("OLD", "NEW"):
        func = func.replace(f"SURVEY_OF_{row}", survey.replace("ROW", row))
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=func,
    )


_FIXED = """
                    -- The lock: a survey is not published while somebody is writing one of its questions.
                    IF EXISTS (
                        WITH locked AS (
                            SELECT state FROM feedback_survey
                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN SURVEY_OF_OLD END,
                                         CASE WHEN TG_OP <> 'DELETE' THEN SURVEY_OF_NEW END)
                            FOR SHARE
                        )
                        SELECT FROM locked WHERE state <> 'draft'
                    ) THEN
                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'NAME';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """
_BY_QUESTION = "(SELECT survey_id FROM feedback_question WHERE id = ROW.question_id)"


class SurveyTouchPoint(models.Model):
    """One of the touch points that a survey is for. Whether it is in force there follows the survey's state."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="scopes")
    touch_point = models.ForeignKey(TouchPoint, on_delete=models.PROTECT, related_name="+")
    # Kept by the database: so it can see to it that a touch point has one survey.
    is_published = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("touch point of a survey")
        verbose_name_plural = _("touch points of surveys")
        constraints = (
            models.UniqueConstraint(fields=("survey", "touch_point"), name="surveytouchpoint_once"),
            models.UniqueConstraint(
                fields=("touch_point",),
                condition=Q(is_published=True),
                name="surveytouchpoint_one_published",
                violation_error_message=_("Another survey is published for this touch point."),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="surveytouchpoint_follows_survey",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("its", "text")],
                func="""
                    SELECT state INTO its FROM feedback_survey
                    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.survey_id ELSE NEW.survey_id END FOR SHARE;
                    IF its <> 'draft' AND (TG_OP <> 'UPDATE'
                       OR (OLD.survey_id, OLD.touch_point_id) <> (NEW.survey_id, NEW.touch_point_id)) THEN
                        RAISE EXCEPTION 'the touch points of a published survey cannot be changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'surveytouchpoint_follows_survey';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    NEW.is_published := its = 'published';
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.touch_point_id}"


class Question(models.Model):
    """A follow-up: after which answers and at which touch points it is asked, and how it is answered.

    A scale goes from 1 to 5 or from 0 to 10.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("place"))
    kind = models.CharField(_("kind"), max_length=6, choices=QuestionKind.choices)
    text = models.JSONField(_("question"), default=dict)
    after = ArrayField(
        models.CharField(max_length=8, choices=Enjoyed.choices), verbose_name=_("asked after"), default=every_answer
    )
    touch_points: "models.ManyToManyField[TouchPoint, QuestionTouchPoint]" = models.ManyToManyField(
        TouchPoint,
        through="QuestionTouchPoint",
        verbose_name=_("touch points"),
        related_name="+",
        help_text=_("None ticked: at all of them."),
    )
    highest = models.PositiveSmallIntegerField(_("scale up to"), null=True, blank=True, choices=((5, "5"), (10, "10")))
    low_label = models.JSONField(_("lowest means"), default=dict, blank=True)
    high_label = models.JSONField(_("highest means"), default=dict, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("survey", "position")
        constraints = (
            models.UniqueConstraint(fields=("survey", "position"), name="question_place_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_QUESTIONS), name="question_four_at_most"
            ),
            models.CheckConstraint(
                condition=Q(after__len__gt=0, after__contained_by=Enjoyed.values), name="question_after_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=QuestionKind.SCALE, highest__isnull=False, highest__in=(5, 10))
                | Q(kind__in=(QuestionKind.CHOICE, QuestionKind.TEXT), highest=None),
                name="question_scale_has_an_end",
            ),
        )
        triggers = (_fixed("question_of_published_is_fixed", "ROW.survey_id"),)

    def __str__(self) -> str:
        return f"{self.survey_id}.{self.position}"

    @property
    def numbers(self) -> range:
        """The numbers of a scale; none for other kinds."""
        return range(0 if self.highest == 10 else 1, self.highest + 1) if self.highest else range(0)


class QuestionTouchPoint(models.Model):
    """One of the touch points to which a question is narrowed."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="scopes")
    touch_point = models.ForeignKey(TouchPoint, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("touch point of a question")
        verbose_name_plural = _("touch points of questions")
        constraints = (models.UniqueConstraint(fields=("question", "touch_point"), name="questiontouchpoint_once"),)
        triggers = (_fixed("questiontouchpoint_of_published_is_fixed", _BY_QUESTION),)

    def __str__(self) -> str:
        return f"{self.question_id}: {self.touch_point_id}"


class Choice(models.Model):
    """One of the answers to a question of the kind that has them."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(_("place"))
    text = models.JSONField(_("answer"), default=dict)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ("question", "position")
        constraints = (
            models.UniqueConstraint(fields=("question", "position"), name="choice_place_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_CHOICES), name="choice_eight_at_most"
            ),
        )
        triggers = (_fixed("choice_of_published_is_fixed", _BY_QUESTION),)

    def __str__(self) -> str:
        return f"{self.question_id}.{self.position}"
