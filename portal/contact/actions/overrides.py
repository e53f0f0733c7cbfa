"""Deciding a tier against the numbers, and ending that."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.contact.actions.deed import Outcome, action, overtaken
from portal.contact.page import Done
from portal.contact.parts.overrides import OverrideForm
from portal.desk.access import DeskRequest
from tiers.models import Override, Tier
from tiers.services import overrides


@action("tiers.add_override")
def set_override(request: DeskRequest, customer: Customer) -> Outcome:
    tiers = {tier.slug: tier for tier in Tier.objects.order_by("-rank")}
    form = OverrideForm(request.POST, tiers=[(tier.slug, tier.name) for tier in tiers.values()])
    if not form.is_valid():
        return form
    tier = tiers[form.cleaned_data.pop("tier")]
    try:
        overrides.set_override(customer=customer, tier=tier, owner=request.user, **form.cleaned_data)
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            # There is one already, perhaps from a moment ago: the page shows it.
            done = Done(" ".join(error.messages), ("tier",), focus="standing", is_saved=False)
            words = form.cleaned_data["reason"]
            standing = Override.objects.live().filter(customer=customer).select_related("owner", "tier").first()
            if standing is None or " ".join(words.split()) == standing.reason:
                return done
            theirs = _("%(name)s decided meanwhile, on %(tier)s: “%(reason)s”.") % {
                "name": standing.owner.display_name,
                "tier": standing.tier.name,
                "reason": standing.reason,
            }
            return overtaken(request, form, f"{theirs} {done.said}", words, done)
        form.refuse(error)
        return form
    return Done(_("Decided. It holds from now on."), ("tier", "timeline"), focus="standing")


@action("tiers.change_override")
def end_override(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    override = get_object_or_404(Override, pk=pk, customer=customer)
    ended = overrides.end_override(override=override, by=request.user)
    said = _("Ended. From now on the numbers decide again.") if ended else _("That had ended already.")
    return Done(said, ("tier", "timeline"), focus="standing")
