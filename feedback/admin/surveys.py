"""Surveys: a draft is a form, anything later is read; the page that customers get can be looked at in any language."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext as say
from django.views.decorators.csrf import csrf_exempt

from customers.admin.base import ReadOnlyInline
from customers.admin.drafts import DraftsAdmin
from customers.enums import Channel
from customers.models import Customer, Interaction, TouchPoint
from feedback.admin.survey_form import SurveyForm
from feedback.enums import Enjoyed
from feedback.models import Answer, Reply, Survey
from feedback.public.answering import lead_context, told_context
from feedback.public.pages import language_chosen, render_page
from feedback.public.telling import follow_ups
from feedback.selectors.answers import Told
from feedback.selectors.survey_page import describe, missing_languages, places_told_apart, thanks_in_words
from feedback.selectors.surveys import faults_of_survey, questions_after
from feedback.services.surveys import begin_survey, copy_survey, publish_survey, retire_survey, write_survey

if TYPE_CHECKING:
    from portal.models import User


class ReplyInline(ReadOnlyInline):
    """What was replied to the follow-ups."""

    model = Reply
    fields = ("asked", "said", "replied_at")
    readonly_fields = ("asked", "said")

    @admin.display(description="question")
    def asked(self, reply: Reply) -> str:
        """The question in the house's language."""
        return str(reply.question.text.get(settings.LANGUAGE_CODE, reply.question))

    @admin.display(description="reply")
    def said(self, reply: Reply) -> str:
        """The choice in the house's language, the number with its end, or the words."""
        if reply.choice:
            return str(reply.choice.text.get(settings.LANGUAGE_CODE, reply.choice))
        if reply.number is not None:
            return say("%(number)d of %(highest)d") % {"number": reply.number, "highest": reply.question.highest}
        return reply.text

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("question", "choice")


@admin.register(Survey)
class SurveyAdmin(DraftsAdmin):
    """Versions of what is asked: a draft is edited, and published when it is ready; after that it stays as it is."""

    list_display = ("name", "version", "state", "is_for_all", "names_agent", "published_at", "retired_at")
    list_filter = ("state",)
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(csrf_exempt(self.page_view))
        mine = path("<int:object_id>/page/", page, name="feedback_survey_page")
        return [mine, *super().get_urls()]

    # --- the form --------------------------------------------------------------------------------

    def _form(self, survey: Survey | None, data: Any = None) -> SurveyForm:
        chosen = Q(surveys=survey) if survey else Q()
        touch_points = TouchPoint.objects.filter(Q(is_active=True) | chosen).distinct().order_by("name")
        return SurveyForm(data, touch_points=list(touch_points), survey=survey)

    def _pressed(self, request: HttpRequest, survey: Survey | None) -> HttpResponse:
        if survey is not None and ("_copy" in request.POST or "_retire" in request.POST):
            if not request.user.has_perm("feedback.change_survey"):
                raise PermissionDenied
            return self._copy(request, survey) if "_copy" in request.POST else self._retire(request, survey)
        if not self._may_write(request, survey):
            return self._closed(request, survey)
        form = self._form(survey, request.POST)
        if not form.is_valid():
            return self._page(request, survey, form)
        try:
            saved = self._saved(
                request,
                survey,
                begin=lambda: begin_survey(**form.written),
                write=lambda draft: write_survey(survey=draft, **form.written),
                said=say("Wrote the questions."),
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._page(request, survey, form)
        if "_publish" in request.POST:
            done = self._try(request, lambda: publish_survey(survey=saved, by=cast("User", request.user)))
            if done:
                self.log_change(request, saved, say("Published."))
                self.message_user(request, say("“%s” is published.") % saved.name, messages.SUCCESS)
        else:
            self.message_user(request, say("“%s” is saved. It asks nobody until it is published.") % saved.name)
        return self._to(saved)

    def _copy(self, request: HttpRequest, survey: Survey) -> HttpResponse:
        draft = copy_survey(survey=survey)
        self.log_addition(request, draft, say("Copied from “%s”.") % survey)
        self.message_user(request, say("Version %d is a draft now.") % draft.version, messages.SUCCESS)
        return self._to(draft)

    def _retire(self, request: HttpRequest, survey: Survey) -> HttpResponse:
        if self._try(request, lambda: retire_survey(survey=survey)):
            self.log_change(request, survey, say("Retired."))
            self.message_user(request, say("“%s” is retired.") % survey.name, messages.SUCCESS)
        return self._to(survey)

    def _try(self, request: HttpRequest, deed: Callable[[], object]) -> bool:
        try:
            return bool(deed())
        except ValidationError as error:
            for sentence in error.messages:
                self.message_user(request, sentence, messages.ERROR)
            return False

    def _page(self, request: HttpRequest, survey: Survey | None, form: SurveyForm | None) -> TemplateResponse:
        is_ready = survey is not None and form is not None and not form.is_bound
        context = {
            **self.admin_site.each_context(request),
            "title": survey.name if survey else say("A new survey"),
            "subtitle": None,
            "opts": self.opts,
            "original": survey,
            "survey": survey,
            "form": form,
            "questions": describe(survey) if survey and form is None else [],
            "thanks": thanks_in_words(survey) if survey and form is None else [],
            "missing": missing_languages(survey) if survey else "",
            "faults": faults_of_survey(survey) if survey and is_ready else [],
            "languages": _language_names(),
            "places": places_told_apart(survey) if survey else [],
            "may_write": request.user.has_perm("feedback.change_survey"),
            "may_delete": survey is not None and self.has_delete_permission(request, survey),
            "has_add_permission": self.has_add_permission(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "feedback/admin/survey.html", context)

    # --- the page as customers get it ------------------------------------------------------------

    def page_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the customers' page with this survey, as after a call of today. A press leads on, nothing is kept."""
        survey = self.get_object(request, str(object_id))
        if survey is None:
            return cast(HttpResponse, self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id)))
        if not self.has_view_permission(request, survey):
            raise PermissionDenied
        if request.method == "POST":
            return HttpResponseRedirect("?" + urlencode(_next_step(request)))
        with translation.override(language_chosen(request) or settings.LANGUAGE_CODE):
            return _page_of(request, survey)


def _page_of(request: HttpRequest, survey: Survey) -> HttpResponse:
    keep = {name: request.GET.get(name, "") for name in ("after", "at", "then")}
    interaction = Interaction(channel=Channel.PHONE, opened_at=timezone.now(), agent=cast("User", request.user))
    context = lead_context(Customer(time_zone=settings.TIME_ZONE), interaction, survey) | {
        "preview_note": "Preview: nothing that you press here is kept.",
        "action": "?" + urlencode({**keep, "lang": language_chosen(request)}),
        "keep": keep,
        "then": keep["then"],
    }
    if keep["after"] not in Enjoyed.values:
        return render_page("feedback/ask.html", context)
    at = int(keep["at"]) if keep["at"].isdecimal() else 0
    questions = questions_after(survey=survey, enjoyed=keep["after"], touch_point_id=at)
    told = Told(Answer(enjoyed=keep["after"]), True)
    return render_page("feedback/told.html", context | told_context(told, survey, follow_ups(questions, {}), ""))


def _next_step(request: HttpRequest) -> dict[str, str]:
    """What the page would lead to: the thank-you after an answer, and the one after more of it."""
    kept = {name: request.GET.get(name, "") for name in ("after", "at", "lang")}
    if "comment" in request.POST:
        return {**kept, "then": "words"}
    return {**kept, "after": request.POST.get("enjoyed", ""), "then": "thanks"}


def _language_names() -> list[tuple[str, str]]:
    return [(code, str(translation.get_language_info(code)["name_translated"])) for code, _name in settings.LANGUAGES]
