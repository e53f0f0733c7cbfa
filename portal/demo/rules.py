"""What the demo's manager has begun: a draft to preview, and a decision against the numbers."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.demo import retail
from portal.demo.cast import LET_DOWN
from portal.models import User
from tiers.enums import Measure, OverrideKind, Rule, SchemeState
from tiers.models import Override, Scheme, Tier
from tiers.services.drafts import copy_scheme
from tiers.services.overrides import set_override

_DAYS = 60


def write_rules(now: datetime) -> None:
    """Write the draft and the override, unless they are there."""
    published = Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    if published is not None and not Scheme.objects.filter(state=SchemeState.DRAFT).exists():
        draft = copy_scheme(scheme=published, name=_("A higher bar for House guests"))
        draft.bars.filter(tier__slug="house-guest", rule=Rule.ENTRY, measure=Measure.MARGIN).update(value=1000)
        draft.bars.filter(tier__slug="house-guest", rule=Rule.KEEP, measure=Measure.MARGIN).update(value=850)
    customer = Customer.objects.filter(source=retail.SOURCE, external_id=LET_DOWN).first()
    owner = User.objects.filter(email="manager@demo.test").first()
    if customer is None or owner is None or Override.objects.filter(customer=customer).exists():
        return
    set_override(
        customer=customer,
        kind=OverrideKind.FLOOR,
        tier=Tier.objects.get(slug="house-guest"),
        reason=_("We let them down more than once this season; they keep what they have while we put it right."),
        owner=owner,
        ends_on=timezone.localdate(now) + timedelta(days=_DAYS),
    )
