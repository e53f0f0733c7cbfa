"""Everything about one customer in four queries: themselves with what hangs on them, and their standing in three."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject, Now
from django.utils import timezone

from customers.enums import ContactKind
from customers.models import Consent, ContactPoint, Customer, Incident, Interaction, Preference, Promise, TouchPoint
from customers.phones import format_phone
from feedback.models import Answer, Cause, Recovery
from feedback.selectors.causes import grow
from portal.contact.rows import (
    AnswerRow,
    Contact,
    IncidentRow,
    OverrideRow,
    PointRow,
    PreferenceRow,
    PromiseRow,
    RecoveryRow,
    TalkRow,
)
from portal.models import User
from tiers.models import Override, Tier
from tiers.selectors.overrides import in_force
from tiers.selectors.standings import explain

# Incidents that were put right are still worth a word for this long.
RECENT = timedelta(days=30)
# More than this is not read in the middle of a call; the timeline has the rest.
_MOST = 12


def gather(*, user: User, public_id: UUID) -> Contact | None:
    """Return what this colleague may know about a customer, or None where the customer does not exist for them."""
    found = _customer_with_all(user).filter(public_id=public_id).first()
    if found is None:
        return None
    row: Any = found
    contact = Contact(
        customer=found,
        now=row.now,
        explained=explain(customer=found, shows_margin=user.has_perm("customers.view_margin")),
        points=PointRow.read(row.points_),
        preferences=PreferenceRow.read(row.preferences_),
        promises=PromiseRow.read(row.promises_),
        incidents=IncidentRow.read(row.incidents_),
        recoveries=RecoveryRow.read(row.recoveries_),
        talks=TalkRow.read(row.talks_),
        answers=AnswerRow.read(row.answers_),
        refused=[consent["purpose"] for consent in row.consents_ if not consent["is_given"]],
        overrides=OverrideRow.read(row.overrides_),
        tiers=[(tier["slug"], tier["name"]) for tier in row.tiers_],
        places=[(place["slug"], place["name"]) for place in row.places_],
        causes=grow([Cause(**cause) for cause in row.causes_ or []]).choices(),
    )
    for point in contact.points:
        if point.kind == ContactKind.PHONE and point.value:
            point.value = format_phone(point.value)
    mends_all = user.has_perm("feedback.view_all_recoveries")
    for recovery in contact.recoveries:
        recovery.is_mine_to_mend = user.has_perm("feedback.change_recovery") and (
            mends_all or user.pk in (recovery.owner_id, recovery.agent_id)
        )
    return contact


def _customer_with_all(user: User) -> QuerySet[Customer]:
    """Customers with what hangs on them, one array of JSON objects to a noun: a query, whatever the history."""
    return Customer.objects.visible_to(user).annotate(
        now=Now(),
        points_=_points(shows_values=user.has_perm("customers.view_contact_points")),
        preferences_=_rows(
            Preference.objects.filter(retired_at=None).order_by("-noted_at"),
            text="text",
            provenance="provenance",
            is_ask_first="is_ask_first",
            noted_at="noted_at",
            by="noted_by__display_name",
        ),
        promises_=_rows(
            Promise.objects.open().order_by("due_at"),
            text="text",
            due_at="due_at",
            made_at="made_at",
            owner="owner__display_name",
            place="touch_point__name",
        ),
        incidents_=_incidents(),
        recoveries_=_recoveries(user),
        talks_=_rows(
            Interaction.objects.open().filter(agent=user),
            channel="channel",
            subject="subject",
            place="touch_point__name",
            opened_at="opened_at",
        ),
        answers_=_answers(user),
        consents_=ArraySubquery(
            Consent.objects.filter(customer=OuterRef("pk"))
            .order_by("purpose", "-noted_at", "-pk")
            .distinct("purpose")
            .values(json=JSONObject(purpose="purpose", is_given="is_given"))
        ),
        overrides_=_overrides(user),
        tiers_=ArraySubquery(Tier.objects.order_by("-rank").values(json=JSONObject(slug="slug", name="name"))),
        places_=ArraySubquery(
            TouchPoint.objects.filter(is_active=True).order_by("name").values(json=JSONObject(slug="slug", name="name"))
        ),
        causes_=_causes(user),
    )


def _rows(rows: QuerySet[Any], **columns: Any) -> ArraySubquery:
    """The customer's rows as JSON objects with their key, at most `_MOST`."""
    return ArraySubquery(rows.filter(customer=OuterRef("pk")).values(json=JSONObject(pk="pk", **columns))[:_MOST])


def _points(*, shows_values: bool) -> ArraySubquery:
    """Contact points, preferred first. Values that may not be seen do not leave the database."""
    in_order = Case(
        When(kind=ContactKind.PHONE, then=1),
        When(kind=ContactKind.EMAIL, then=2),
        default=3,
        output_field=IntegerField(),
    )
    as_shown = Case(When(kind=ContactKind.PHONE, then=F("normalised")), default=F("value"), output_field=CharField())
    return _rows(
        ContactPoint.objects.filter(is_active=True).order_by("-is_preferred", in_order, "pk"),
        kind="kind",
        value=as_shown if shows_values else Value(""),
        label="label",
        is_preferred="is_preferred",
    )


def _incidents() -> ArraySubquery:
    """Open ones, worst first, then those put right not long ago."""
    return _rows(
        Incident.objects.filter(Q(resolved_at=None) | Q(happened_at__gt=Now() - RECENT)).order_by(
            F("resolved_at").desc(nulls_first=True), "-severity", "-happened_at"
        ),
        kind="kind",
        text="text",
        severity="severity",
        place="touch_point__name",
        is_our_fault="is_our_fault",
        happened_at="happened_at",
        resolved_at="resolved_at",
        resolution="resolution",
    )


def _recoveries(user: User) -> ArraySubquery:
    """Everybody's open ones: whoever speaks to the customer should know, whoever is to mend it."""
    rows = Recovery.objects.open() if user.has_perm("feedback.view_recovery") else Recovery.objects.none()
    return _rows(
        rows.order_by("due_at"),
        state="state",
        due_at="due_at",
        opened_at="opened_at",
        owner_id="owner_id",
        agent_id="answer__invitation__interaction__agent_id",
        owner="owner__display_name",
        enjoyed="answer__enjoyed",
        comment="answer__comment",
    )


def _causes(user: User) -> ArraySubquery:
    """The whole small tree, for those who may close."""
    rows = Cause.objects.all() if user.has_perm("feedback.change_recovery") else Cause.objects.none()
    columns = JSONObject(pk="pk", name="name", parent_id="parent_id", is_active="is_active")
    return ArraySubquery(rows.order_by("name", "pk").values(json=columns))


def _overrides(user: User) -> ArraySubquery:
    """The one that holds today, if any."""
    rows = in_force(timezone.localdate()) if user.has_perm("tiers.view_override") else Override.objects.none()
    # A colleague's words may speak of money.
    reason: Any = "reason" if user.has_perm("customers.view_margin") else Value("")
    return _rows(rows, kind="kind", tier="tier__name", ends_on="ends_on", owner="owner__display_name", reason=reason)


def _answers(user: User) -> ArraySubquery:
    rows = Answer.objects.filter(is_counted=True) if user.has_perm("feedback.view_answer") else Answer.objects.none()
    return ArraySubquery(
        rows.filter(invitation__customer=OuterRef("pk"))
        .order_by("-answered_at")
        .values(json=JSONObject(enjoyed="enjoyed", comment="comment", answered_at="answered_at"))[:1]
    )
