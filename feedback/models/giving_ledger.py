"""The ledger of gestures: what was given out of whose month. Rows are only added, and the months' sums follow them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Gesture
from feedback.enums import Entry
from feedback.models.giving import GestureKind
from feedback.models.giving_request import GestureRequest
from tiers.models import Tier

_SUM = """
    IF NEW.agent_id IS NOT NULL THEN
        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE agent_month_id = NEW.id;
    ELSIF NEW.tier_id IS NOT NULL THEN
        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE tier_month_id = NEW.id;
    ELSE
        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE house_month_id = NEW.id;
    END IF;
    IF NEW.spent <> total THEN
        RAISE EXCEPTION 'what is spent is what the ledger says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingmonth_spent_is_the_ledgers';
    END IF;
    RETURN NEW;
"""
_FITS = """
    SELECT count(*) FILTER (
        WHERE (id = NEW.agent_month_id AND agent_id IS NOT NULL)
           OR (id = NEW.house_month_id AND agent_id IS NULL AND tier_id IS NULL)
           OR (id = NEW.tier_month_id AND tier_id IS NOT NULL)
    ), count(DISTINCT month) INTO fitting, months
    FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);
    IF months <> 1 OR fitting <> 2 + (NEW.tier_month_id IS NOT NULL)::int THEN
        RAISE EXCEPTION 'an entry is of one month, of an agent, the house and a tier'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_months_agree';
    END IF;
    IF NEW.entry = 'taken_back' AND NOT EXISTS (
        SELECT FROM feedback_givingentry WHERE gesture_id = NEW.gesture_id AND entry = 'given'
          AND (amount, kind_id, agent_month_id, house_month_id) =
              (-NEW.amount, NEW.kind_id, NEW.agent_month_id, NEW.house_month_id)
          AND tier_month_id IS NOT DISTINCT FROM NEW.tier_month_id
    ) THEN
        RAISE EXCEPTION 'what is taken back was given, as it was given'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_mirrors_what_was_given';
    END IF;
    RETURN NEW;
"""
_COUNT = """
    -- In one order, so that two entries never wait for each other in a circle.
    PERFORM FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id)
        ORDER BY id FOR NO KEY UPDATE;
    UPDATE feedback_givingmonth SET spent = spent + NEW.amount
        WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);
    RETURN NULL;
"""


class GivingMonth(models.Model):
    """What one agent, customers of one tier or (with neither) the whole house gave in a business month.

    `allowed` is what it may be, None without a limit. `spent` is the ledger's sum: the database sees to both, so no
    two windows and no two agents can spend the same amount twice.
    """

    month = models.DateField(_("month"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("colleague"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="giving_months",
    )
    tier = models.ForeignKey(
        Tier, verbose_name=_("tier"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    allowed = models.DecimalField(_("may be given"), max_digits=14, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField(_("given"), max_digits=14, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("month of giving")
        verbose_name_plural = _("months of giving")
        ordering = ("-month", "agent", "tier")
        constraints = (
            models.UniqueConstraint(fields=("month", "agent", "tier"), name="givingmonth_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(month__day=1), name="givingmonth_begins_on_the_first"),
            models.CheckConstraint(condition=Q(agent=None) | Q(tier=None), name="givingmonth_of_one"),
            models.CheckConstraint(
                condition=Q(agent=None) | Q(allowed__isnull=False), name="givingmonth_agent_has_a_limit"
            ),
            models.CheckConstraint(condition=Q(spent__gte=0), name="givingmonth_spent_not_negative"),
            models.CheckConstraint(
                condition=Q(allowed=None) | Q(spent__lte=F("allowed")), name="givingmonth_never_overspent"
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="givingmonth_spent_is_the_ledgers",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("spent"),
                declare=[("total", "numeric")],
                func=_SUM,
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent or self.tier or _('The whole house')}, {self.month:%Y-%m}"


class GivingEntry(models.Model):
    """A line of the ledger: a gesture was given out of these months, or taken back into them. Rows are only added."""

    gesture = models.ForeignKey(Gesture, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.ForeignKey(GestureKind, verbose_name=_("kind"), on_delete=models.PROTECT, related_name="entries")
    entry = models.CharField(_("what"), max_length=10, choices=Entry.choices)
    # Below zero where it was taken back.
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    # Out of whose month: the agent's who gave it, or the lead's who granted it.
    agent_month = models.ForeignKey(GivingMonth, on_delete=models.PROTECT, related_name="+")
    house_month = models.ForeignKey(GivingMonth, on_delete=models.PROTECT, related_name="+")
    tier_month = models.ForeignKey(GivingMonth, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(GestureRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="giving_entries"
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    words = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("entry in the ledger of gestures")
        verbose_name_plural = _("ledger of gestures")
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("gesture", "entry"), name="givingentry_once"),
            models.CheckConstraint(
                condition=Q(entry=Entry.GIVEN, amount__gte=0) | Q(entry=Entry.TAKEN_BACK, amount__lte=0),
                name="givingentry_sign_fits",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="givingentry_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="givingentry_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("fitting", "int"), ("months", "int")],
                func=_FITS,
            ),
            pgtrigger.Trigger(name="givingentry_counts", when=pgtrigger.After, operation=pgtrigger.Insert, func=_COUNT),
        )

    def __str__(self) -> str:
        return f"{self.get_entry_display()} {self.at:%Y-%m-%d %H:%M}"
