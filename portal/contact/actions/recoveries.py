"""Being in touch about what is owed, and closing it."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer
from feedback.enums import RecoveryState
from feedback.models import Recovery
from feedback.selectors.causes import cause_tree
from feedback.services.recoveries import close_recovery, contact_recovery
from portal.contact.actions.deed import Outcome, action, overtaken
from portal.contact.page import Done
from portal.desk.access import DeskRequest
from portal.mending.forms import MendForm, what_they_wrote


@action("feedback.change_recovery")
def contact_owed(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    recovery = get_object_or_404(Recovery.objects.visible_to(request.user), pk=pk, customer=customer)
    done = contact_recovery(recovery=recovery, by=request.user)
    said = _("Good: they have heard from us.") if done else _("That was noted already.")
    return Done(said, ("speak", "matter"), focus="matter-title")


@action("feedback.change_recovery")
def close_owed(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    recovery = get_object_or_404(Recovery.objects.visible_to(request.user), pk=pk, customer=customer)
    tree = cause_tree()
    form = MendForm(request.POST, name=f"mend-{pk}", causes=tree.choices(), language=customer.language)
    if not form.is_valid():
        return form
    cause = tree.causes[int(form.cleaned_data.pop("cause"))]
    try:
        closed = close_recovery(recovery=recovery, by=request.user, cause=cause, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return form
    if not closed:
        said = _("That was closed already.")
        form.about = recovery
        if theirs := what_they_wrote(recovery, form):
            done = Done(said, ("speak", "matter", "timeline"), focus="matter-title")
            words = " · ".join(
                form.cleaned_data[name] for name in ("what_was_done", "letter") if form.cleaned_data[name]
            )
            return overtaken(request, form, theirs, words, done)
    elif form.cleaned_data["state"] == RecoveryState.MENDED:
        said = _("Mended. Thank you for staying with it.")
    else:
        said = _("Noted: it could not be mended.")
    return Done(said, ("speak", "matter", "timeline"), focus="matter-title", is_saved=bool(closed))
