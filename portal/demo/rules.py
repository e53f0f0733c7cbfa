"""What the demo's manager has begun: a draft to preview, and a decision against the numbers."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from feedback.models import GestureKind, GestureRequest
from feedback.services.giving_requests import ask_for_gesture
from portal.demo import retail
from portal.demo.accounts import AGENT
from portal.demo.cast import LET_DOWN
from portal.models import User
from tiers.enums import Measure, OverrideKind, PerkChannel, Rule, SchemeState
from tiers.models import Override, Perk, Scheme, Tier
from tiers.services.drafts import copy_scheme
from tiers.services.overrides import set_override

_DAYS = 60
# In the house's currency; more than an agent may give by themselves.
_DEAR = Decimal(45)


def write_rules(now: datetime) -> None:
    """Write the draft and the override, unless they are there."""
    published = Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    if published is not None and not Scheme.objects.filter(state=SchemeState.DRAFT).exists():
        draft = copy_scheme(scheme=published, name=_("A higher bar for House guests"))
        draft.bars.filter(tier__slug="house-guest", rule=Rule.ENTRY, measure=Measure.MARGIN).update(value=1000)
        draft.bars.filter(tier__slug="house-guest", rule=Rule.KEEP, measure=Measure.MARGIN).update(value=850)
    _open_channels()
    customer = Customer.objects.filter(source=retail.SOURCE, external_id=LET_DOWN).first()
    _ask_the_lead(customer)
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


def _open_channels() -> None:
    """Give the highest tier a line of its own beside its calls by video, and the next one a chat, unless they have.

    The number is one that is never given out; nobody lives at the address.
    """
    opened = (
        ("family", _("A colleague of their own, by name"), PerkChannel.LINE, "+442079460958"),
        ("house-guest", _("Answered first, without a queue"), PerkChannel.CHAT, "https://chat.demo.test/?c={customer}"),
    )
    for tier, text, channel, address in opened:
        perks = Perk.objects.filter(tier__slug=tier, text=text, channel=PerkChannel.NONE)
        perks.update(channel=channel, address=address)


def _ask_the_lead(customer: Customer | None) -> None:
    """Have an agent ask their lead for flowers that are dearer than an agent may give, unless somebody has."""
    agent = User.objects.filter(email=AGENT).first()
    kind = GestureKind.objects.filter(is_active=True, highest_cost__gte=_DEAR, name=_("Flowers")).first()
    if customer is None or agent is None or kind is None or GestureRequest.objects.exists():
        return
    ask_for_gesture(
        customer=customer,
        kind=kind,
        by=agent,
        cost=_DEAR,
        words=_("Twice late, and a birthday between"),
        writes_letter=True,
    )
