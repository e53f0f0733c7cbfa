"""Hints that were shown in a contact, and what colleagues said of each. Neither is changed or taken away."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction
from portal.models.hint_kinds import STANDING_OUTCOMES, HintKind, HintOutcome, Situation

# At most so many at a time.
MOST = 3


class HintShown(models.Model):
    """A hint that stood on the page while a colleague had a contact open. Once for each contact.

    `key`: what it was drawn from, such as "preference:12". `score`: the share of successes that was drawn for its kind.
    `propensity`: the chance that it had of being shown, given what else could have been. `seed`: what it was drawn
    with. `outcome`: what stands of all that was said of it; presses set it, and nobody else.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="hints", db_index=False)
    # The interaction's, once more: what was wrong about a customer is looked up at each look at them.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="hints")
    key = models.CharField(_("drawn from"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=HintKind.choices)
    situation = models.CharField(_("situation"), max_length=24, choices=Situation.choices)
    rank = models.PositiveSmallIntegerField(_("place"))
    score = models.FloatField(_("score"))
    propensity = models.FloatField(_("chance of being shown"))
    seed = models.CharField(_("drawn with"), max_length=40)
    text = models.CharField(_("what"), max_length=300)
    outcome = models.CharField(
        _("what became of it"), max_length=12, choices=HintOutcome.choices, blank=True, default="", db_default=""
    )
    shown_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("hint shown")
        verbose_name_plural = _("hints shown")
        constraints = (
            models.UniqueConstraint(fields=("interaction", "key"), name="hintshown_once_per_contact"),
            models.CheckConstraint(condition=Q(kind__in=HintKind.values), name="hintshown_kind_known"),
            models.CheckConstraint(condition=Q(situation__in=Situation.values), name="hintshown_situation_known"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=MOST), name="hintshown_rank_on_the_page"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="hintshown_score_is_a_share"),
            models.CheckConstraint(
                condition=Q(propensity__gt=0, propensity__lte=1), name="hintshown_propensity_is_a_chance"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=STANDING_OUTCOMES), name="hintshown_outcome_known"
            ),
        )
        indexes = (
            models.Index(fields=("customer",), condition=Q(outcome=HintOutcome.WRONG), name="hintshown_wrong"),
            models.Index(fields=("kind", "situation", "interaction"), name="hintshown_by_kind"),
        )
        triggers = (
            pgtrigger.Protect(name="hintshown_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="hintshown_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # Two customers may turn out to be one; what was said of a hint comes from its presses.
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - '{customer_id,outcome}'::text[]"
                    " IS DISTINCT FROM to_jsonb(NEW) - '{customer_id,outcome}'::text[]"
                ),
                func="""
                    RAISE EXCEPTION 'a hint that was shown stays as it was'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'hintshown_is_fixed';
                """,
            ),
            pgtrigger.Trigger(
                name="hintshown_is_counted",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_hints"),
                # In order, so that two pages never wait for each other in a circle.
                func="""
                    INSERT INTO portal_hintarm AS arm (kind, situation, shown, used, not_relevant, wrong)
                    SELECT kind, situation, count(*), count(*) FILTER (WHERE outcome = 'used'),
                           count(*) FILTER (WHERE outcome = 'not_relevant'), count(*) FILTER (WHERE outcome = 'wrong')
                    FROM new_hints GROUP BY kind, situation ORDER BY kind, situation
                    ON CONFLICT (kind, situation) DO UPDATE SET
                        shown = arm.shown + EXCLUDED.shown, used = arm.used + EXCLUDED.used,
                        not_relevant = arm.not_relevant + EXCLUDED.not_relevant, wrong = arm.wrong + EXCLUDED.wrong;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="hintshown_outcome_is_learned",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("outcome"),
                condition=pgtrigger.Condition("OLD.outcome IS DISTINCT FROM NEW.outcome"),
                func="""
                    UPDATE portal_hintarm SET
                        used = used + (NEW.outcome = 'used')::int - (OLD.outcome = 'used')::int,
                        not_relevant = not_relevant
                            + (NEW.outcome = 'not_relevant')::int - (OLD.outcome = 'not_relevant')::int,
                        wrong = wrong + (NEW.outcome = 'wrong')::int - (OLD.outcome = 'wrong')::int
                    WHERE kind = NEW.kind AND situation = NEW.situation;
                    RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.text


class HintPress(models.Model):
    """What a colleague said of a hint. The newest stands; rows are only ever added."""

    shown = models.ForeignKey(HintShown, on_delete=models.PROTECT, related_name="presses")
    outcome = models.CharField(_("what"), max_length=12, choices=HintOutcome.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("colleague"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    pressed_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("press on a hint")
        verbose_name_plural = _("presses on hints")
        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=HintOutcome.values), name="hintpress_outcome_known"),
        )
        triggers = (
            pgtrigger.Protect(name="hintpress_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="hintpress_append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # A colleague may leave.
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'by_id' IS DISTINCT FROM to_jsonb(NEW) - 'by_id' OR NEW.by_id IS NOT NULL"
                ),
                func="""
                    RAISE EXCEPTION 'a press on a hint stays as it was'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'hintpress_append_only';
                """,
            ),
            pgtrigger.Trigger(
                name="hintpress_stands",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    UPDATE portal_hintshown
                    SET outcome = CASE NEW.outcome WHEN 'taken_back' THEN '' ELSE NEW.outcome END
                    WHERE id = NEW.shown_id;
                    RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.get_outcome_display()
