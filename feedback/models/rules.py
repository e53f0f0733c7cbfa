"""The rules by which the house asks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel
from customers.models import TouchPoint
from feedback.enums import BudgetPer


class AskingRules(models.Model):
    """How the house asks. There is one row."""

    is_asking = models.BooleanField(_("ask customers how it was"), default=True)
    channels_left_out = ArrayField(
        models.CharField(max_length=10, choices=Channel.choices),
        verbose_name=_("channels left out"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Nobody is asked about contacts on these."),
    )
    touch_points_left_out = models.ManyToManyField(
        TouchPoint,
        verbose_name=_("touch points left out"),
        blank=True,
        related_name="+",
        help_text=_("Nobody is asked about contacts here."),
    )
    asks_if_closed_itself = models.BooleanField(
        _("ask about contacts that closed by themselves"),
        default=False,
        db_default=False,
        help_text=_("A chat that ran out, a call that rang out: usually there was nothing to enjoy."),
    )
    days_between = models.PositiveSmallIntegerField(
        _("days between"), default=30, help_text=_("A customer is asked at most once in this many days.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("days to answer"), default=30, help_text=_("A link works for this long.")
    )
    mending_days = models.PositiveSmallIntegerField(
        _("days to wait for mending"),
        default=14,
        db_default=14,
        help_text=_(
            "Nobody is asked while something is wrong. Where it is put right within this many days of the contact, we "
            "ask about it then. 0: we do not ask about it."
        ),
    )
    reminder_days = models.PositiveSmallIntegerField(
        _("days until a reminder"),
        default=0,
        db_default=0,
        help_text=_("Who has not answered by then gets one reminder, never a second. 0: nobody is reminded."),
    )
    budget = models.PositiveIntegerField(
        _("letters at most"),
        default=0,
        db_default=0,
        help_text=_(
            "How many customers are asked in a day or a week. Where more could be, every tier, touch point and channel "
            "has its turn. 0: no limit."
        ),
    )
    budget_per = models.CharField(
        _("in"), max_length=4, choices=BudgetPer.choices, default=BudgetPer.DAY, db_default=BudgetPer.DAY
    )
    quiet_from = models.TimeField(
        _("quiet from"),
        null=True,
        blank=True,
        help_text=_("By the customer's own clock. A letter that is due in these hours waits until they are over."),
    )
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("rules for asking")
        verbose_name_plural = _("rules for asking")
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="askingrules_one_row"),
            models.CheckConstraint(condition=Q(answer_days__gte=1), name="askingrules_answer_days_positive"),
            models.CheckConstraint(
                condition=Q(channels_left_out__contained_by=Channel.values), name="askingrules_channels_known"
            ),
            models.CheckConstraint(condition=Q(budget_per__in=BudgetPer.values), name="askingrules_budget_per_known"),
            models.CheckConstraint(
                condition=Q(reminder_days=0) | Q(reminder_days__lt=F("answer_days")),
                name="askingrules_reminder_while_links_work",
                violation_error_message=_("A reminder must leave while the links still work."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="askingrules_quiet_hours_both",
                violation_error_message=_("Quiet hours need both times, and two different ones."),
            ),
        )

    def __str__(self) -> str:
        return str(_("Rules for asking"))
