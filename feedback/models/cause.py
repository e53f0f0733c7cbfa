"""Why something went wrong: a small tree that managers keep."""

from typing import Any

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.enums import IncidentKind

DEEPEST = 3

# Walks up from the row and down from it. One writer at a time: two moves at once could close a circle unseen.
_TREE = """
    PERFORM pg_advisory_xact_lock(hashtext('feedback_cause'));
    WITH RECURSIVE up (id, parent_id, level) AS (
        SELECT id, parent_id, 1 FROM feedback_cause WHERE id = NEW.id
        UNION ALL
        SELECT c.id, c.parent_id, level + 1 FROM feedback_cause c JOIN up ON c.id = up.parent_id WHERE level <= DEEPEST
    ) SELECT max(level), count(*) FILTER (WHERE id = NEW.id AND level > 1) INTO above, rounds FROM up;
    IF rounds > 0 THEN
        RAISE EXCEPTION 'a cause cannot stand below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cause_no_circle';
    END IF;
    WITH RECURSIVE down (id, level) AS (
        SELECT NEW.id, 0
        UNION ALL
        SELECT c.id, level + 1 FROM feedback_cause c JOIN down ON c.parent_id = down.id WHERE level <= DEEPEST
    ) SELECT max(level) INTO below FROM down;
    IF above + below > DEEPEST THEN
        RAISE EXCEPTION 'causes stand at most DEEPEST deep'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cause_at_most_three_deep';
    END IF;
    RETURN NULL;
""".replace("DEEPEST", str(DEEPEST))


class Cause(models.Model):
    """One cause. What an incident of `incident_kind` comes from is this one, so that both count together."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    name = models.CharField(_("name"), max_length=60)
    incident_kind = models.CharField(
        _("counts with incidents"),
        max_length=12,
        choices=IncidentKind.choices,
        blank=True,
        help_text=_("Incidents of this kind and amends for this cause are counted together."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("parent", "name"),
                name="cause_once_among_siblings",
                nulls_distinct=False,
                violation_error_message=_("There is a cause of this name here already."),
            ),
            models.UniqueConstraint(
                fields=("incident_kind",),
                condition=~Q(incident_kind=""),
                name="cause_one_per_incident_kind",
                violation_error_message=_("Another cause counts with these incidents already."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="cause_has_a_name"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="cause_is_a_small_tree",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("above", "int"), ("below", "int"), ("rounds", "int")],
                func=_TREE,
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say before the database does that the tree would have a circle or stand too deep."""
        parents: dict[Any, Any] = dict(Cause.objects.values_list("pk", "parent_id"))
        parents[self.pk] = self.parent_id
        above, at = 1, self.parent_id
        while at is not None and above <= DEEPEST:
            if at == self.pk:
                raise ValidationError({"parent": _("A cause cannot stand below itself.")})
            above, at = above + 1, parents.get(at)
        below, level = 0, {self.pk}
        while self.pk and below < DEEPEST and (level := {pk for pk, up in parents.items() if up in level}):
            below += 1
        if above + below > DEEPEST:
            raise ValidationError({"parent": _("Causes stand at most three deep. Please choose one further up.")})
