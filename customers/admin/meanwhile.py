"""What somebody saved while a form was open: whoever saves after them is told first, and then may.

The mark of a record is the number of the last line about it in the admin's own log: it changes when somebody saves a
form, and not when the house itself writes into the record.
"""

import re
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

# The field of the form that says which mark the record had when the form was drawn.
SEEN = "_seen"


def mark_of(model: type[Model], pk: object) -> int:
    """Return the mark of a record, 0 where nobody has saved it by a form yet (1 query)."""
    last = _lines(model, pk).values_list("pk", flat=True).first()
    return last or 0


def refuse_unseen(request: HttpRequest, record: Any) -> None:
    """Refuse a form that was drawn before somebody else saved the record; call it in the transaction that writes.

    Where the form says nothing about what was seen, nothing is refused.

    Raises:
        ValidationError: who saved it and what they changed, with the way to look at it.
    """
    seen = request.POST.get(SEEN, "")
    if not re.fullmatch(r"[0-9]{1,9}", seen):
        return
    # Two who save in the same moment come one after the other.
    rows = type(record)._base_manager.filter(pk=record.pk).select_for_update(no_key=True)
    # Without an order: one by somebody who may be nobody is a join, whose rows cannot be locked.
    list(rows.order_by().values_list("pk"))
    line = _lines(type(record), record.pk).filter(pk__gt=int(seen)).select_related("user").first()
    if line is not None:
        raise ValidationError(_told(request, line))


def _lines(model: type[Model], pk: object) -> QuerySet[LogEntry]:
    """The log's lines about a record, the newest first."""
    about = ContentType.objects.get_for_model(model, for_concrete_model=False)
    return LogEntry.objects.filter(content_type=about, object_id=str(pk)).order_by("-pk")


def _told(request: HttpRequest, line: LogEntry) -> str:
    names = {
        "name": str(line.user),
        "time": time_format(timezone.localtime(line.action_time), "H:i"),
        "what": line.get_change_message(),
    }
    if line.user_id == request.user.pk:
        said = _("You saved this at %(time)s in another window: %(what)s") % names
    else:
        said = _("%(name)s saved this at %(time)s, while you wrote: %(what)s") % names
    return format_html(
        '{} {} <a href="{}" target="_blank" rel="noopener" class="underline">{}</a>',
        said,
        _("What you wrote is below and not saved yet. Saving it again puts it in the place of that."),
        request.path,
        _("See what is saved now"),
    )
