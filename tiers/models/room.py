"""Rooms for a face-to-face call by video: one for each contact that wants one, behind a link that works once."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction, Letter
from tiers.models.scheme import Perk


class VideoRoomQuerySet(models.QuerySet["VideoRoom"]):
    """Questions about rooms, by the database's clock."""

    def live(self) -> "VideoRoomQuerySet":
        """Those that nobody has ended and whose time is not over."""
        return self.filter(ended_at=None, expires_at__gt=Now())


class VideoRoom(models.Model):
    """A room on the house's video server, made for one contact. The customer's link to it opens for one browser."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="video_rooms", db_index=False)
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="video_rooms", db_index=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("host"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What granted it; the perk may go.
    perk = models.ForeignKey(Perk, null=True, on_delete=models.SET_NULL, related_name="video_rooms")
    # 160 random bits. Who knows it still needs a pass that we sign.
    name = models.CharField(_("name"), max_length=40, unique=True, editable=False)
    # SHA-256 of the link's token.
    token_hash = models.BinaryField(max_length=32, unique=True)
    letter = models.OneToOneField(Letter, null=True, on_delete=models.PROTECT, related_name="video_room")
    made_at = models.DateTimeField(_("made"), db_default=Now())
    expires_at = models.DateTimeField(_("works until"))
    # When the customer came in, and SHA-256 of what their browser was given to be known by.
    used_at = models.DateTimeField(_("joined"), null=True, blank=True)
    used_by = models.BinaryField(max_length=32, null=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = VideoRoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("video room")
        verbose_name_plural = _("video rooms")
        constraints = (
            models.CheckConstraint(condition=Q(name__regex="^[0-9a-f]{40}$"), name="videoroom_name_unguessable"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="videoroom_expires_after_making"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__gte=F("made_at"), used_at__lte=F("expires_at")),
                name="videoroom_used_within_its_life",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False),
                name="videoroom_used_by_a_browser",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")), name="videoroom_ends_after_making"
            ),
            models.UniqueConstraint(
                fields=("interaction",), condition=Q(ended_at=None), name="videoroom_one_open_per_contact"
            ),
        )
        indexes = (models.Index(fields=("customer", "-made_at"), name="videoroom_of_customer"),)
        triggers = (
            pgtrigger.Trigger(
                name="videoroom_used_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.used_at IS NOT NULL AND (OLD.used_at, OLD.used_by) IS DISTINCT FROM (NEW.used_at, NEW.used_by)"
                ),
                func="""
                    RAISE EXCEPTION 'a video link works once'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'videoroom_used_once';
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.made_at:%Y-%m-%d}"
