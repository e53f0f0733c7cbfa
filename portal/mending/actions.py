"""What is pressed on the board. Each is a POST, checked, and harmless when pressed twice."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from feedback.enums import RecoveryState
from feedback.models import Recovery
from feedback.selectors.causes import cause_tree
from feedback.services.recoveries import close_recovery, contact_recovery, hand_over
from portal.desk.access import DeskRequest, press_required
from portal.mending.forms import HandOverForm, MendForm, what_they_wrote
from portal.mending.pages import done, get_recovery, one_page, people
from portal.models import User


def _mendable(request: DeskRequest, pk: int) -> Recovery:
    if not request.user.has_perm("feedback.change_recovery"):
        raise PermissionDenied
    return get_recovery(request, pk)


@press_required
def contacted(request: DeskRequest, pk: int) -> HttpResponse:
    """They have heard from us."""
    noted = contact_recovery(recovery=_mendable(request, pk), by=request.user)
    return done(request, _("Good: they have heard from us.") if noted else _("That was noted already."), pk)


@press_required
def handed_over(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody else looks after it from now on."""
    recovery = _mendable(request, pk)
    form = HandOverForm(request.POST, people=people(recovery))
    if recovery.closed_at is not None:
        return done(request, _("That was closed already."), pk)
    if not form.is_valid():
        return one_page(request, recovery, form)
    to = get_object_or_404(User, pk=form.cleaned_data["to"])
    try:
        given = hand_over(
            recovery=recovery, to=to, by=request.user, words=form.cleaned_data["words"], held_by=form.held_by
        )
    except ValidationError as error:
        form.look_again(recovery.owner_id)
        form.refuse(error)
        return one_page(request, recovery, form)
    said = _("%(name)s looks after it now, and knows.") if given else _("It is with %(name)s already.")
    return done(request, said % {"name": to.display_name}, pk)


@press_required
def closed(request: DeskRequest, pk: int) -> HttpResponse:
    """It ends, well or not: by its cause, and with what was done."""
    recovery = _mendable(request, pk)
    tree = cause_tree()
    form = MendForm(request.POST, name="close", causes=tree.choices(), language=recovery.customer.language)
    if not form.is_valid():
        if recovery.closed_at is not None:
            return done(request, _("That was closed already."), pk)
        return one_page(request, recovery, form)
    told = form.cleaned_data
    try:
        ended = close_recovery(
            recovery=recovery,
            state=told["state"],
            what_was_done=told["what_was_done"],
            cause=tree.causes[int(told["cause"])],
            letter=told["letter"],
            by=request.user,
        )
    except ValidationError as error:
        form.refuse(error)
        return one_page(request, recovery, form)
    if ended is None:
        if theirs := what_they_wrote(recovery, form):
            form.add_error(None, theirs)
            return one_page(request, recovery, form)
        return done(request, _("That was closed already."), pk)
    is_mended = told["state"] == RecoveryState.MENDED
    said = _("Mended. Thank you for staying with it.") if is_mended else _("Noted: it could not be mended.")
    if told["letter"]:
        said += " " + (_("Your letter is on its way.") if ended.letter else _("There is no address to write to."))
    return done(request, said, pk)
