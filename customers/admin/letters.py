"""Letters. Uncertain ones are settled here, by somebody who has looked."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.admin.base import ReadOnlyAdmin
from customers.admin.samples import SamplePages, as_shown
from customers.enums import LetterState
from customers.models import Letter
from customers.services.letters import confirm_letter, resend_letter

if TYPE_CHECKING:
    from portal.models import User

_DEEDS = {"was_delivered": confirm_letter, "send_again": resend_letter}


@admin.register(Letter)
class LetterAdmin(SamplePages, ReadOnlyAdmin):
    """Every letter and how far it came."""

    list_display = ("subject", "whom", "kind", "to_address", "state", "due_at", "sent_at", "bounced_at")
    list_filter = ("state", ("bounced_at", admin.EmptyFieldListFilter), "kind")
    list_select_related = ("customer", "colleague")
    list_before_template = "customers/admin/letters_before.html"
    search_fields = ("to_address__exact", "message_id__exact", "customer__full_name__istartswith")
    ordering = ("-created_at",)
    actions = ("was_delivered", "send_again")
    masked: ClassVar = {
        "to_address": "customers.view_contact_points",
        "to_address__exact": "customers.view_contact_points",
    }

    @admin.display(description=_("for"))
    def whom(self, letter: Letter) -> str:
        """The customer, or the colleague."""
        return str(letter.customer or letter.colleague)

    def get_urls(self) -> list[URLPattern]:
        settle = path("<int:pk>/settle/", self.admin_site.admin_view(self.settle), name="customers_letter_settle")
        return [settle, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"uncertain": Letter.objects.filter(state=LetterState.UNCERTAIN).count()}
        response: HttpResponse = super().changelist_view(request, shown | (extra_context or {}))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one letter: how far it came, what happened on the way, and what it says."""
        letter: Letter | None = self.get_object(request, object_id)
        if not self.has_view_permission(request, letter) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if letter is None:
            raise Http404
        is_uncertain = letter.state == LetterState.UNCERTAIN
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": letter.subject,
            "letter": letter,
            # Mail servers quote the address in what they say.
            "shows_address": request.user.has_perm("customers.view_contact_points"),
            "events": list(letter.events.select_related("by")),
            "is_uncertain": is_uncertain,
            "may_settle": is_uncertain and self.has_settle_permission(request),
            "shown": as_shown(text=letter.text, html=letter.html),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "customers/admin/letter.html", context)

    # --- settling --------------------------------------------------------------------------------

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Whether the role may say what became of an uncertain letter."""
        return request.user.has_perm("customers.change_letter")

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle one letter by the `deed` of its page's button."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_settle_permission(request):
            raise PermissionDenied
        letters = Letter.objects.filter(pk=pk)
        deed = request.POST.get("deed", "")
        if not letters or deed not in _DEEDS:
            raise Http404
        self._settle(request, letters, deed)
        return HttpResponseRedirect(reverse("admin:customers_letter_change", args=[pk]))

    @admin.action(description=_("It was delivered"), permissions=["settle"])
    def was_delivered(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        """Note that uncertain letters arrived."""
        self._settle(request, queryset, "was_delivered")

    @admin.action(description=_("Send it again"), permissions=["settle"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        """Put uncertain letters back into the outbox."""
        self._settle(request, queryset, "send_again")

    def _settle(self, request: HttpRequest, letters: QuerySet[Letter], deed: str) -> None:
        said = {"was_delivered": say("It was delivered."), "send_again": say("It is to be sent again.")}[deed]
        settled = left = 0
        for letter in letters:
            if _DEEDS[deed](letter=letter, by=cast("User", request.user)):
                settled += 1
                self.log_change(request, letter, said)
            else:
                left += 1
        if settled:
            self.message_user(request, ngettext("%d letter is settled.", "%d letters are settled.", settled) % settled)
        if left:
            words = ngettext(
                "%d letter was not uncertain, and stays.", "%d letters were not uncertain, and stay.", left
            )
            self.message_user(request, words % left, messages.WARNING)
