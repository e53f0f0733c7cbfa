"""How the demo's house mends: its hours, who looks after the closest customers, and what it changes."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models import Cause, Holiday, NamedOwner, PreventionAction, WorkingHours
from feedback.starter import ensure_causes
from portal.demo.accounts import LEAD, MANAGER
from portal.models import User
from tiers.models import Tier


@transaction.atomic
def write_mending(now: datetime) -> None:
    """Write hours, the named person and the actions, unless the house has some already."""
    lead, manager = (User.objects.filter(email=email).first() for email in (LEAD, MANAGER))
    if lead is None or manager is None or WorkingHours.objects.exists():
        return
    WorkingHours.objects.bulk_create(
        WorkingHours(weekday=day, opens_at=time(9), closes_at=time(18)) for day in range(6)
    )
    today = timezone.localdate(now)
    christmas = today.replace(month=12, day=25)
    Holiday.objects.get_or_create(on=christmas, defaults={"name": _("Christmas Day")})
    ensure_causes()
    top = Tier.objects.order_by("-rank").first()
    if top is not None:
        NamedOwner.objects.get_or_create(tier=top, defaults={"owner": manager})
    User.objects.filter(pk=lead.pk, lead=None).update(lead=manager)
    causes = {cause.name: cause for cause in Cause.objects.all()}
    places = {place.slug: place for place in TouchPoint.objects.all()}
    for name, slug, words, begun, done, base in (
        ("Broken", "delivery", _("Boxes with corner pads for everything of glass"), 130, 120, Base.ORDERS),
        ("Waiting", "phone-desk", _("A third line on Monday mornings"), 45, 40, Base.CONTACTS),
        ("Nobody rang back", None, _("Every promise to ring goes on the desk, with its time"), 12, None, Base.CONTACTS),
    ):
        if name in causes:
            PreventionAction.objects.create(
                what_will_change=words,
                cause=causes[name],
                touch_point=places.get(slug) if slug else None,
                base=base,
                owner=lead,
                opened_by=manager,
                due_on=today - timedelta(days=done) if done else today + timedelta(days=14),
                started_on=today - timedelta(days=begun),
                done_on=today - timedelta(days=done) if done else None,
            )
