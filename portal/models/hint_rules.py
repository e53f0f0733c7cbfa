"""What managers decide about hints: which kinds take part, and what to offer for what was bought or broke."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.hints.words import forms_of
from portal.models.hint import MOST
from portal.models.hint_kinds import HintKind, HintMode, OfferKind
from tiers.models import Tier


class HintRule(models.Model):
    """How a kind of hint takes part. One row for each kind, there from the beginning."""

    kind = models.CharField(_("kind"), max_length=12, choices=HintKind.choices, unique=True, editable=False)
    mode = models.CharField(_("when"), max_length=8, choices=HintMode.choices, default=HintMode.LEARNED)
    most = models.PositiveSmallIntegerField(
        _("at most at a time"), default=1, help_text=_("From 1 to 3; three hints are shown in all.")
    )

    class Meta:
        verbose_name = _("rule for hints")
        verbose_name_plural = _("rules for hints")
        ordering = ("kind",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=HintKind.values), name="hintrule_kind_known"),
            models.CheckConstraint(condition=Q(mode__in=HintMode.values), name="hintrule_mode_known"),
            models.CheckConstraint(
                condition=Q(most__gte=1, most__lte=MOST),
                name="hintrule_most_fits_the_page",
                violation_error_message=_("At most one, two or three at a time. To have none, choose “Never”."),
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class HintOffer(models.Model):
    """What to offer where these words stand in an order's description, or in what went wrong with it.

    `forms`: the words as they are looked for, in lower case, one and many.
    """

    kind = models.CharField(_("what it is"), max_length=8, choices=OfferKind.choices)
    words = models.CharField(
        _("words"), max_length=300, help_text=_("Any of them, with commas between: vase, glass, bauble.")
    )
    text = models.CharField(
        _("what to offer"), max_length=200, help_text=_("As a hint to a colleague: “Offer to lend a vase meanwhile”.")
    )
    tiers = models.ManyToManyField(
        Tier, verbose_name=_("for"), blank=True, related_name="+", help_text=_("For everybody, where none is chosen.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    forms = ArrayField(models.TextField(), editable=False, default=list)

    class Meta:
        verbose_name = _("offer to hint at")
        verbose_name_plural = _("offers to hint at")
        ordering = ("kind", "words")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=OfferKind.values), name="hintoffer_kind_known"),
            models.CheckConstraint(condition=~Q(text=""), name="hintoffer_says_something"),
            models.CheckConstraint(condition=Q(forms__len__gt=0), name="hintoffer_has_words"),
        )

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.forms = forms_of(self.words)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse what could never be found."""
        try:
            forms_of(self.words)
        except ValueError as error:
            raise ValidationError({"words": gettext(str(error))}) from None
