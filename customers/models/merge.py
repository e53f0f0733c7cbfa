"""Two customers who turned out to be one: that they were merged, and what was done to which rows."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import MergeDeed
from customers.models.customer import Customer


class Merge(models.Model):
    """One merging. It can be undone, once; the row says so, and says nothing else anew."""

    survivor = models.ForeignKey(Customer, verbose_name=_("goes on"), on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(
        Customer, verbose_name=_("went into it"), on_delete=models.PROTECT, related_name="merged"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    merged_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("merging")
        verbose_name_plural = _("mergings")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("absorbed",), condition=Q(undone_at=None), name="merge_into_one_at_a_time"),
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_by=None) | Q(undone_at__isnull=False), name="merge_undone_by_wants_a_time"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="merge_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="merge_is_undone_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.undone_at IS NOT NULL"),
            ),
            pgtrigger.Protect(
                name="merge_says_what_it_said",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("survivor", "absorbed", "by", "merged_at"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"


class MergeStep(models.Model):
    """What a merging did to rows of one table. Rows are only ever added.

    `table`: the model, `app.model`. `column`: the foreign key, for rows that were moved or left. `rows`: primary keys
    as text. `before` and `after`: the fields of a changed row, one row a step, as text.
    """

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="steps", db_index=False)
    deed = models.CharField(_("what"), max_length=7, choices=MergeDeed.choices)
    table = models.CharField(_("table"), max_length=100)
    column = models.CharField(_("column"), max_length=63, blank=True)
    rows = ArrayField(models.TextField(), verbose_name=_("rows"))
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)

    class Meta:
        verbose_name = _("step of a merging")
        verbose_name_plural = _("steps of mergings")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(deed__in=MergeDeed.values), name="mergestep_deed_known"),
            models.CheckConstraint(
                condition=~Q(deed=MergeDeed.CHANGED) | Q(rows__len=1), name="mergestep_changes_one_row"
            ),
        )
        indexes = (models.Index(fields=("merge", "id"), name="mergestep_of_merge"),)
        triggers = (pgtrigger.Protect(name="mergestep_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.table}: {self.get_deed_display()}"
