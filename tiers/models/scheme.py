"""Tiers, and the versions of the rules that lead to them."""

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models.versions import published_is_fixed, times_fit_state
from tiers.channels import chat_address, line_address
from tiers.enums import Basis, Measure, PerkChannel, Rule, SchemeState, Shape
from tiers.models.references import kept_while_named


class Tier(models.Model):
    """How closely a customer is looked after. Rank 1 is where everybody begins."""

    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    shape = models.CharField(_("mark"), max_length=10, choices=Shape.choices)
    recovery_hours = models.PositiveSmallIntegerField(
        _("hours to mend"), default=48, help_text=_("How soon an unhappy answer must have been dealt with.")
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ("rank",)
        constraints = (
            models.CheckConstraint(condition=Q(rank__gte=1), name="tier_rank_from_one"),
            models.CheckConstraint(condition=Q(recovery_hours__gte=1), name="tier_recovery_hours_positive"),
        )
        triggers = (
            kept_while_named(
                "tier",
                [
                    ("tiers_standing", "tier_id"),
                    ("tiers_standing", "earned_tier_id"),
                    ("tiers_move", "to_tier_id"),
                    ("tiers_move", "from_tier_id"),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """What a colleague has to be able to do: the load that a scheme brings is counted by it."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Perk(models.Model):
    """Something that a tier is entitled to, in words that an agent can say aloud, and what it takes."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="perks")
    text = models.CharField(_("what"), max_length=160)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    yearly_cost = models.DecimalField(
        _("cost a year"),
        max_digits=10,
        decimal_places=2,
        default=0,
        help_text=_("For one customer, in the house's currency, without the time of colleagues."),
    )
    yearly_minutes = models.PositiveIntegerField(
        _("minutes a year"), default=0, help_text=_("Of a colleague's time, for one customer.")
    )
    skill = models.ForeignKey(
        Skill,
        verbose_name=_("skill"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("What the colleague has to be able to do."),
    )
    channel = models.CharField(
        _("opens"),
        max_length=5,
        choices=PerkChannel.choices,
        default=PerkChannel.NONE,
        db_default=PerkChannel.NONE,
        help_text=_("A way to reach us that only this tier has."),
    )
    # E.164 for a line; for a chat the address of its page, with {customer} in it.
    address = models.CharField(
        _("number or address"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of a line its number; of a chat its https address, with {customer} where the customer belongs."),
    )

    class Meta:
        verbose_name = _("perk")
        verbose_name_plural = _("perks")
        ordering = ("tier", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("tier", "text"), name="perk_once_per_tier"),
            models.CheckConstraint(condition=Q(yearly_cost__gte=0), name="perk_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(yearly_minutes=0) | Q(skill__isnull=False), name="perk_minutes_want_a_skill"
            ),
            models.CheckConstraint(
                condition=Q(channel=PerkChannel.LINE, address__regex=r"^\+[0-9]{4,15}(;ext=[0-9]{1,20})?$")
                | Q(channel=PerkChannel.CHAT, address__regex=r"^https://[^/{}\s]+[/?#]\S*\{customer\}")
                | Q(channel__in=(PerkChannel.NONE, PerkChannel.VIDEO), address=""),
                name="perk_address_fits_channel",
            ),
        )

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """Bring the address into the form that it is kept in; what has none loses it.

        Raises:
            ValidationError: it does not fit the channel.
        """
        try:
            if self.channel == PerkChannel.LINE:
                self.address = line_address(self.address, settings.HOUSE_COUNTRY)
            elif self.channel == PerkChannel.CHAT:
                self.address = chat_address(self.address)
            else:
                self.address = ""
        except ValueError as error:
            raise ValidationError({"address": gettext(str(error))}) from None


class Scheme(models.Model):
    """A version of the rules. Once published it never changes; the database refuses."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=SchemeState.choices, default=SchemeState.DRAFT)
    hold_days = models.PositiveSmallIntegerField(
        _("days held after moving up"), default=90, help_text=_("Nobody moves down again before then.")
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=30, help_text=_("How long somebody may be below the bar before they move down.")
    )
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=("state",),
                condition=Q(state=SchemeState.PUBLISHED),
                name="scheme_one_published",
                violation_error_message=_("Another scheme is published. It retires when this one is published."),
            ),
            times_fit_state("scheme"),
        )
        triggers = (published_is_fixed("scheme"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"


def _fixed_with_scheme(name: str) -> pgtrigger.Trigger:
    """Return a trigger that keeps what belongs to a scheme as it is once the scheme is published."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_FIXED.replace("NAME", name),
    )


_FIXED = """
                    -- The lock: a scheme is not published while somebody is writing one of its bars.
                    IF EXISTS (
                        WITH locked AS (
                            SELECT state FROM tiers_scheme
                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.scheme_id END,
                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.scheme_id END)
                            FOR SHARE
                        )
                        SELECT FROM locked WHERE state <> 'draft'
                    ) THEN
                        RAISE EXCEPTION 'the bars of a published scheme cannot be changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'NAME';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """


class Bar(models.Model):
    """What one measure must reach to enter a tier, or to stay in it. A tier without bars is open to all.

    By value: in the measure's unit. By share: the best so many per cent of all customers, this tier's and those of
    the tiers above together.
    """

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="bars")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="bars")
    rule = models.CharField(_("rule"), max_length=5, choices=Rule.choices)
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices)
    basis = models.CharField(_("counted in"), max_length=5, choices=Basis.choices, default=Basis.VALUE)
    value = models.DecimalField(_("bar"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        ordering = ("tier__rank", "rule", "measure")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "tier", "rule", "measure"), name="bar_once"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="bar_measure_known"),
            models.CheckConstraint(condition=Q(rule__in=Rule.values), name="bar_rule_known"),
            models.CheckConstraint(
                condition=Q(basis=Basis.VALUE) | Q(basis=Basis.SHARE, value__gt=0, value__lte=100),
                name="bar_share_is_a_share",
                violation_error_message=_("A share is more than 0 and at most 100 per cent."),
            ),
        )
        triggers = (_fixed_with_scheme("bar_of_published_is_fixed"),)

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.tier}: {self.get_measure_display()} {self.value}"


class Weight(models.Model):
    """How much a measure counts in a scheme's score: so many parts, all of them from a value on."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="weights")
    measure = models.CharField(
        _("measure"), max_length=10, choices=[choice for choice in Measure.choices if choice[0] != Measure.SCORE]
    )
    weight = models.PositiveSmallIntegerField(_("parts"))
    full_at = models.DecimalField(
        _("all of them at"),
        max_digits=14,
        decimal_places=2,
        help_text=_("In the measure's unit. Where less is better, the parts are lost in full from here on."),
    )

    class Meta:
        verbose_name = _("weight")
        verbose_name_plural = _("weights")
        ordering = ("-weight", "measure")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "measure"), name="weight_once"),
            models.CheckConstraint(
                condition=Q(measure__in=[value for value in Measure.values if value != Measure.SCORE]),
                name="weight_measure_known",
            ),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="weight_from_1_to_100"),
            models.CheckConstraint(condition=Q(full_at__gt=0), name="weight_full_at_positive"),
        )
        triggers = (_fixed_with_scheme("weight_of_published_is_fixed"),)

    def __str__(self) -> str:
        return f"{self.get_measure_display()}: {self.weight}"
