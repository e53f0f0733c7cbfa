"""What we hear, the answers behind a number, and comments. Whose names are shown, or taken home, is noted."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.selectors.paging import Place
from feedback.selectors.insight_answers import Answers, Heard, answers_page
from feedback.selectors.insight_page import Names, names, page
from feedback.selectors.insight_replies import replies_by_survey
from portal.audit import note_reading
from portal.desk.access import DeskRequest
from portal.insight.access import agents_for, insight_required
from portal.insight.export import answer_lines, rate_lines, reply_lines
from portal.insight.forms import AnswersForm, CommentsForm, SliceForm, narrowed, query_of
from portal.models import Reading, User


@require_safe
@insight_required
def insight(request: DeskRequest) -> HttpResponse:
    """The rate of the house, and by everything that can be told apart."""
    known = names(agents_for(request.user))
    form = SliceForm(request.GET.dict(), known)
    if not form.is_valid():
        return render(request, "insight/insight.html", {"form": form}, status=400)
    chosen = form.slice()
    told = page(chosen, known)
    groups = [
        (group, [(row, query_of(narrowed(chosen, group.kind, row.key))) for row in group.rows]) for group in told.groups
    ]
    context = {"form": form, "chosen": chosen, "page": told, "groups": groups, "query": query_of(chosen)}
    context["may_export"] = request.user.has_perm("feedback.export_insight")
    context["sees_all_agents"] = request.user.has_perm("feedback.view_all_agents")
    return render(request, "insight/insight.html", context)


@require_safe
@insight_required
def answers(request: DeskRequest) -> HttpResponse:
    """The answers behind a number."""
    known = names(agents_for(request.user))
    return _answers(request, AnswersForm(request.GET.dict(), known), known, "insight/answers.html")


@require_safe
@insight_required
def comments(request: DeskRequest) -> HttpResponse:
    """Comments, by their words."""
    known = names(agents_for(request.user))
    return _answers(request, CommentsForm(request.GET.dict(), known), known, "insight/comments.html")


@require_safe
@insight_required
def replies(request: DeskRequest) -> HttpResponse:
    """What was replied to the questions after the first."""
    form = SliceForm(request.GET.dict(), names(agents_for(request.user)))
    if not form.is_valid():
        return render(request, "insight/replies.html", {"form": form}, status=400)
    chosen = form.slice()
    context = {"form": form, "chosen": chosen, "query": query_of(chosen), "surveys": replies_by_survey(chosen)}
    context["may_export"] = request.user.has_perm("feedback.export_insight")
    return render(request, "insight/replies.html", context)


def _answers(request: DeskRequest, form: AnswersForm, known: Names, template: str) -> HttpResponse:
    if not form.is_valid():
        return render(request, template, {"form": form}, status=400)
    by_letters = request.GET.get("by") == "letters"
    chosen, wanted = form.slice(), form.wanted()
    found = answers_page(chosen=chosen, wanted=wanted, after=_place(request), by_letters=by_letters)
    sees_customers = request.user.has_perm("customers.view_customer")
    if sees_customers:
        _note(request.user, Reading.Door.INSIGHT, found.rows)
    context = {
        "form": form,
        "chosen": chosen,
        "wanted": wanted,
        "found": found,
        "rows": [(heard, known.tier(heard.tier_id), _agent(heard, known)) for heard in found.rows],
        "query": query_of(chosen, wanted),
        "slice_query": query_of(chosen),
        "next": _next(found, query_of(chosen, wanted)),
        "sees_customers": sees_customers,
        "sees_evidence": request.user.is_staff and request.user.has_perm("feedback.view_answer"),
        "may_export": request.user.has_perm("feedback.export_insight"),
    }
    return render(request, template, context)


def _place(request: DeskRequest) -> Place | None:
    """Where the page before this one ended; what is no such place is a page that is not there."""
    text = request.GET.get("after", "")
    try:
        return Place.read(text) if text else None
    except ValueError as error:
        raise Http404 from error


def _next(found: Answers, query: str) -> str:
    if found.after is None:
        return ""
    more = {"after": str(found.after)} | ({"by": "letters"} if found.by_letters else {})
    return f"{query}&{urlencode(more)}"


def _agent(heard: Heard, known: Names) -> str:
    """The colleague's name, for those who may be told."""
    agent_id = heard.answer.invitation.interaction.agent_id
    return known.agents.get(agent_id, _("a colleague")) if agent_id else ""


def _note(user: User, door: str, rows: Iterable[Heard]) -> None:
    """Note whose names somebody was shown, each once."""
    customers = {heard.answer.invitation.customer_id: heard.answer.invitation.customer for heard in rows}
    note_reading(user=user, customers=customers.values(), door=door)


@require_safe
@partial(insight_required, permission="feedback.export_insight")
def rates_file(request: DeskRequest) -> HttpResponse | StreamingHttpResponse:
    """All rates as a file."""
    known = names(agents_for(request.user))
    form = SliceForm(request.GET.dict(), known)
    if not form.is_valid():
        return render(request, "insight/insight.html", {"form": form}, status=400)
    return _file("rates", rate_lines(page(form.slice(), known)))


@require_safe
@partial(insight_required, permission="feedback.export_insight")
def replies_file(request: DeskRequest) -> HttpResponse | StreamingHttpResponse:
    """The same replies as a file."""
    form = SliceForm(request.GET.dict(), names(agents_for(request.user)))
    if not form.is_valid():
        return render(request, "insight/replies.html", {"form": form}, status=400)
    return _file("replies", reply_lines(replies_by_survey(form.slice())))


@require_safe
@partial(insight_required, permission="feedback.export_insight")
def answers_file(request: DeskRequest) -> HttpResponse | StreamingHttpResponse:
    """The answers behind a number, or comments, all pages of them, as a file that is sent while it is read."""
    known = names(agents_for(request.user))
    form = CommentsForm(request.GET.dict(), known)
    if not form.is_valid():
        return render(request, "insight/comments.html", {"form": form}, status=400)
    wanted = form.wanted() if request.GET.get("comments") else AnswersForm.wanted(form)
    sees_customers = request.user.has_perm("customers.view_customer")
    return _file(
        "answers",
        answer_lines(
            chosen=form.slice(),
            wanted=wanted,
            known=known,
            sees_customers=sees_customers,
            leaving=partial(_note, request.user, Reading.Door.EXPORT),
        ),
    )


def _file(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    day: datetime = timezone.localtime()
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{day:%Y-%m-%d}.csv"'},
    )
