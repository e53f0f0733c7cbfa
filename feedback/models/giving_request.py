"""Asking a lead for a gesture that is more than one may give."""

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from customers.models import Customer, Gesture, Interaction
from feedback.enums import RequestState
from feedback.models.giving import GestureKind

if TYPE_CHECKING:
    from portal.models import User


# What stands as the answer to a request that waits no longer because another one does; translated where it is shown.
ASKED_TWICE = gettext_noop("This customer is here only once now, and the other request stands.")


def is_asked_twice(state: str, answer: str) -> bool:
    """Whether a request waits no longer because another one does: colleagues write nothing with what lapses."""
    return state == RequestState.LAPSED and answer == ASKED_TWICE


class GestureRequestQuerySet(models.QuerySet["GestureRequest"]):
    """Questions about requests."""

    def open(self) -> "GestureRequestQuerySet":
        """Those that wait for an answer."""
        return self.filter(state=RequestState.OPEN)

    def answerable_by(self, user: "User") -> "GestureRequestQuerySet":
        """Those that this colleague may answer: never one's own.

        Leads answer their team and the teams of the leads under them, and those whom nobody leads; with the
        permission one answers everybody.
        """
        if not user.has_perm("feedback.change_gesturerequest"):
            return self.none()
        others = self.exclude(agent=user)
        if user.has_perm("feedback.answer_any_request"):
            return others
        led_by_nobody = Q(agent__lead=None) | Q(agent__lead__is_active=False)
        nobody_above = Q(agent__lead__lead=None) | Q(agent__lead__lead__is_active=False)
        return others.filter(Q(agent__lead=user) | Q(agent__lead__lead=user) | (led_by_nobody & nobody_above))


class GestureRequest(models.Model):
    """A gesture that somebody with a larger purse is asked for: open → granted, declined, withdrawn or lapsed."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="gesture_requests")
    kind = models.ForeignKey(GestureKind, verbose_name=_("what"), on_delete=models.PROTECT, related_name="requests")
    # In the house's currency.
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("what for"), max_length=200)
    writes_letter = models.BooleanField(_("confirm it by a letter"), default=False)
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="gesture_requests"
    )
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    lapses_at = models.DateTimeField(_("answer wanted by"))
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answer = models.CharField(_("in words"), max_length=200, blank=True)
    gesture = models.OneToOneField(
        Gesture, null=True, blank=True, on_delete=models.PROTECT, related_name="gesture_request"
    )

    objects = GestureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a gesture")
        verbose_name_plural = _("requests for gestures")
        permissions = (("answer_any_request", "May answer everybody's requests for gestures"),)
        constraints = (
            models.CheckConstraint(
                # Spelt out, because a comparison with NULL would pass.
                condition=Q(state=RequestState.OPEN, answered_at=None, answered_by=None, gesture=None)
                | Q(
                    state=RequestState.GRANTED,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    gesture__isnull=False,
                )
                | Q(
                    state__in=(RequestState.DECLINED, RequestState.WITHDRAWN),
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    gesture=None,
                )
                | Q(state=RequestState.LAPSED, answered_at__isnull=False, answered_by=None, gesture=None),
                name="gesturerequest_answer_fits_state",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None)
                | (Q(state=RequestState.WITHDRAWN) & Q(answered_by=F("agent")))
                | (~Q(state=RequestState.WITHDRAWN) & ~Q(answered_by=F("agent"))),
                name="gesturerequest_nobody_answers_themselves",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="gesturerequest_cost_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="gesturerequest_says_what_for"),
            models.CheckConstraint(condition=Q(lapses_at__gt=F("asked_at")), name="gesturerequest_lapses_later"),
            models.UniqueConstraint(
                fields=("customer", "kind"),
                condition=Q(state=RequestState.OPEN),
                name="gesturerequest_one_open",
            ),
        )
        indexes = (
            models.Index(fields=("lapses_at",), condition=Q(state=RequestState.OPEN), name="gesturerequest_open"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="gesturerequest_answered_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'open'"),
                func="""
                    -- It may become another customer's, who is the same person.
                    IF to_jsonb(OLD) - 'customer_id' = to_jsonb(NEW) - 'customer_id' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a request that is answered stays as it is'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'gesturerequest_answered_stays';
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind_id}, {self.asked_at:%Y-%m-%d}"

    @property
    def was_asked_twice(self) -> bool:
        """Whether it waits no longer because the same was asked for somebody who turned out to be this customer."""
        return is_asked_twice(self.state, self.answer)
