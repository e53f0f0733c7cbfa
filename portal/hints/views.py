"""What was learned of hints, for those who may hear how customers enjoyed it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.desk.access import DeskRequest
from portal.hints.learned import learned
from portal.hints.learning import SILENT, WORTH
from portal.insight.access import insight_required


@require_safe
@insight_required
def hints(request: DeskRequest) -> HttpResponse:
    """Each kind of hint, in each situation."""
    may = request.user.has_perm
    context = {
        "groups": learned(),
        "may_decide": may("portal.use_admin") and may("portal.view_hintrule"),
        "worth": f"{WORTH:g}",
        "silent": f"{1 / SILENT:g}",
    }
    return render(request, "hints/hints.html", context)
