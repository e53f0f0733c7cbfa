"""The admin's menu, by what people come for. Each reader sees the lines that their role opens."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Title → (title, icon, app, model).
_MENU: list[tuple[Any, list[tuple[Any, str, str, str]]]] = [
    (
        _("Rules"),
        [
            (_("Tiers"), "workspace_premium", "tiers", "tier"),
            (_("Schemes"), "rule", "tiers", "scheme"),
            (_("What contacts cost"), "price_change", "tiers", "costrate"),
            (_("Skills"), "school", "tiers", "skill"),
            (_("Previews"), "preview", "tiers", "preview"),
            (_("Rules for asking"), "quiz", "feedback", "askingrules"),
            (_("Rules for before you speak"), "record_voice_over", "customers", "speakingrules"),
            (_("Surveys"), "ballot", "feedback", "survey"),
            (_("Rules for mending"), "healing", "feedback", "mendingrules"),
            (_("Named persons"), "person_pin", "feedback", "namedowner"),
            (_("Causes"), "account_tree", "feedback", "cause"),
            (_("Kinds of gestures"), "volunteer_activism", "feedback", "gesturekind"),
            (_("Amounts to give"), "savings", "feedback", "givingallowance"),
            (_("Working hours"), "calendar_clock", "feedback", "workinghours"),
            (_("Holidays"), "event_busy", "feedback", "holiday"),
            (_("Rules for hints"), "lightbulb", "portal", "hintrule"),
            (_("Offers to hint at"), "add_shopping_cart", "portal", "hintoffer"),
            (_("Cards from outside"), "captive_portal", "portal", "outsidesource"),
            (_("Touch points"), "storefront", "customers", "touchpoint"),
            (_("Segments"), "groups", "customers", "segment"),
            (_("Currencies"), "payments", "customers", "currency"),
            (_("Schedules"), "schedule", "django_celery_beat", "periodictask"),
        ],
    ),
    (
        _("Customers"),
        [
            (_("Customers"), "group", "customers", "customer"),
            (_("Orders"), "receipt_long", "customers", "order"),
            (_("Interactions"), "forum", "customers", "interaction"),
            (_("Incidents"), "report", "customers", "incident"),
            (_("Promises"), "handshake", "customers", "promise"),
            (_("Gestures"), "redeem", "customers", "gesture"),
            (_("Ratings"), "campaign", "customers", "rating"),
            (_("Consents"), "how_to_reg", "customers", "consent"),
            (_("Mergings"), "merge", "customers", "merge"),
            (_("People with several roles"), "diversity_3", "customers", "person"),
            (_("Relationships"), "family_restroom", "customers", "relationship"),
        ],
    ),
    (
        _("Decided"),
        [
            (_("Runs"), "autorenew", "tiers", "run"),
            (_("Overrides"), "front_hand", "tiers", "override"),
            (_("Moves"), "swap_vert", "tiers", "move"),
            (_("Standings"), "military_tech", "tiers", "standing"),
            (_("Months of giving"), "calendar_month", "feedback", "givingmonth"),
            (_("Ledger of gestures"), "receipt", "feedback", "givingentry"),
            (_("Requests for gestures"), "contact_support", "feedback", "gesturerequest"),
            (_("Measures"), "monitoring", "tiers", "measures"),
            (_("Predicted value"), "query_stats", "tiers", "valuefit"),
        ],
    ),
    (
        _("Listening"),
        [
            (_("Letters"), "mail", "customers", "letter"),
            (_("Suppressed addresses"), "unsubscribe", "customers", "suppression"),
            (_("Invitations"), "outgoing_mail", "feedback", "invitation"),
            (_("Answers"), "reviews", "feedback", "answer"),
            (_("Visits"), "touch_app", "feedback", "visit"),
            (_("Recoveries"), "healing", "feedback", "recovery"),
        ],
    ),
    (
        _("The house"),
        [
            (_("Colleagues"), "badge", "portal", "user"),
            (_("API tokens"), "key", "portal", "apitoken"),
            (_("Readings"), "visibility", "portal", "reading"),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu for this reader, without empty groups."""
    user: Any = request.user
    groups = [
        {
            "title": title,
            "items": [
                {"title": name, "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
                for name, icon, app, model in lines
                if user.has_perm(f"{app}.view_{model}")
            ],
        }
        for title, lines in _MENU
    ]
    return [group for group in groups if group["items"]]
