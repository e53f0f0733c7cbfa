"""One map from role to permissions. Every check on the site, in the admin and in the API asks it.

Permissions are Django's own names (`customers.view_customer`) and a few of ours:

- `portal.use_desk`: the desk, search, the pop and the contact view;
- `portal.add_pop`: telling a desk who is on the line, as a phone system does;
- `customers.view_money`: amounts of single orders, and what gestures cost;
- `customers.view_margin`: margin, and sentences that give it away;
- `customers.view_contact_points`: phones and addresses in clear;
- `customers.view_all_promises`: everybody's promises, and how many are kept;
- `customers.erase_customer`: forgetting a customer for good;
- `customers.view_private`: private preferences and do-not-say notes in clear;
- `customers.view_special`: preferences of special categories (health, belief and the like);
- `customers.lift_suppression`: saying that an address gets no letters, or gets them again;
- `customers.take_back_incident`: taking back what any colleague wrote down, promised or opened by mistake;
- `customers.merge_customer`: merging two customers who are one, and undoing it;
- `customers.tell_apart_customer`: saying that two are not the same;
- `customers.add_person`, `customers.change_person`: linking the selves of one person, and taking one out;
- `tiers.export_preview`: the list of those whom a preview would move, as a file;
- `tiers.add_videoroom`: making a video room for a contact, and joining it as the host;
- `tiers.add_openended_override`: an override without a last day;
- `feedback.view_all_recoveries`: everybody's recoveries on the desk and on the board, not just one's own;
- `feedback.add_givingentry`: giving gestures out of one's month, and asking for more;
- `feedback.change_gesturerequest`: answering what one's team asks for;
- `feedback.answer_any_request`: answering everybody;
- `feedback.view_insight`: what we hear: rates, the answers behind them, comments;
- `feedback.view_all_agents`: every colleague's rate there, not just one's team's;
- `feedback.export_insight`: the same as files.
"""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person, or a program, is here to do."""

    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    MANAGER = "manager", _("Manager")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")
    INTEGRATION = "integration", _("Integration")


def _named(app: str, verbs: Iterable[str], nouns: Iterable[str]) -> set[str]:
    return {f"{app}.{verb}_{noun}" for verb in verbs for noun in nouns}


_FACTS = (
    "customer",
    "contactpoint",
    "consent",
    "preference",
    "caution",
    "order",
    "touchpoint",
    "interaction",
    "incident",
    "promise",
    "promisestep",
    "letter",
    "currency",
    "suppression",
    "gesture",
    "rating",
    "segment",
    "segmentmember",
    "person",
    "relationship",
)
_DECISIONS = (
    "scheme",
    "bar",
    "weight",
    "tier",
    "perk",
    "skill",
    "costrate",
    "standing",
    "move",
    "override",
    "run",
    "shard",
    "measures",
    "valuefit",
    "preview",
)
_LISTENING = ("invitation", "link", "visit", "answer", "recovery", "askingrules", "survey", "reply")
_MENDING_RULES = ("cause", "workinghours", "holiday", "namedowner")
_MENDING = (*_MENDING_RULES, "mendingrules", "recoverystep", "putright", "preventionaction")
_GIVING_RULES = ("gesturekind", "givingallowance")
_GIVING = (*_GIVING_RULES, "givingmonth", "givingentry", "gesturerequest")
_SCHEDULES = ("periodictask", "intervalschedule", "crontabschedule")

_AGENT = (
    {"portal.use_desk", "customers.view_money", "customers.view_contact_points"}
    | _named("customers", ["view"], _FACTS)
    | _named("customers", ["add", "change"], ["customer", "contactpoint", "preference", "interaction", "promise"])
    | _named("customers", ["add", "change"], ["incident"])
    | _named("customers", ["add", "change"], ["caution"])
    | _named("customers", ["add", "change"], ["person", "relationship"])
    | {"customers.add_consent", "customers.view_special"}
    | {"customers.view_duplicate", "customers.tell_apart_customer"}
    | _named("tiers", ["view"], ["tier", "perk", "standing", "move", "override"])
    | {"tiers.add_videoroom"}
    | _named("feedback", ["view"], ["answer", "reply", "recovery", "invitation"])
    | _named("feedback", ["change"], ["recovery"])
    | {"feedback.add_givingentry", "feedback.view_gesturekind", "feedback.view_gesturerequest"}
    | _named("portal", ["add"], ["hintpress"])
    | _named("portal", ["add", "change"], ["pin"])
)
_LEAD = (
    _AGENT
    | {"customers.view_margin", "feedback.view_all_recoveries", "feedback.view_insight"}
    | {"customers.view_private"}
    | {"customers.view_all_promises"}
    | {"customers.merge_customer", "customers.take_back_incident"}
    | _named("tiers", ["add", "change"], ["override"])
    | _named("feedback", ["view", "add", "change"], ["preventionaction"])
    | _named("feedback", ["change"], ["gesturerequest"])
)
_ANALYST = (
    {"portal.use_desk", "portal.use_admin", "customers.view_money", "customers.view_margin"}
    | _named("customers", ["view"], set(_FACTS) - {"letter", "contactpoint"})
    | _named("tiers", ["view"], _DECISIONS)
    | _named("feedback", ["view"], _LISTENING)
    | _named("feedback", ["view"], _MENDING)
    | _named("feedback", ["view"], _GIVING)
    | {"feedback.view_all_recoveries", "tiers.export_preview", "customers.view_all_promises"}
    | {"feedback.view_insight", "feedback.view_all_agents", "feedback.export_insight"}
    | _named("portal", ["view"], ["hintrule", "hintoffer"])
    | {"customers.view_speakingrules"}
)
_MANAGER = (
    _LEAD
    | _ANALYST
    | {"portal.view_user", "portal.view_reading", "portal.view_outsidesource"}
    | _named("customers", ["view"], _FACTS)
    | _named("customers", ["add", "change", "delete"], ["touchpoint", "currency", "segment"])
    | _named("customers", ["change"], ["letter"])
    | {"customers.lift_suppression", "customers.view_liftedsuppression", "customers.view_takenbackincident"}
    | _named("tiers", ["add", "change", "delete"], ["scheme", "bar", "weight", "tier", "perk", "skill", "costrate"])
    | _named("tiers", ["add", "change"], ["run"])
    | _named("tiers", ["add"], ["valuefit", "preview"])
    | {"tiers.add_openended_override", "customers.erase_customer", "customers.change_speakingrules"}
    | _named("customers", ["view"], ["merge", "mergestep"])
    | _named("feedback", ["change"], ["askingrules", "mendingrules"])
    | _named("feedback", ["add", "change", "delete"], ["survey", *_MENDING_RULES, *_GIVING_RULES])
    | {"feedback.answer_any_request"}
    | _named("portal", ["change"], ["hintrule"])
    | _named("portal", ["add", "change", "delete"], ["hintoffer"])
    | _named("django_celery_beat", ["view", "change"], _SCHEDULES)
)
_ADMINISTRATOR = (
    _MANAGER
    | _named("portal", ["view", "add", "change"], ["user", "apitoken"])
    | {"portal.delete_apitoken", "portal.delete_user"}
    | _named("portal", ["add", "change", "delete"], ["outsidesource"])
    | _named("django_celery_beat", ["add", "delete"], _SCHEDULES)
)
_INTEGRATION = (
    {"portal.add_pop", "customers.view_money", "customers.view_contact_points"}
    | _named("customers", ["view"], ["customer", "contactpoint", "order", "interaction", "preference", "incident"])
    | _named("customers", ["view"], ["promise", "touchpoint", "gesture", "rating", "segment", "segmentmember"])
    | _named("customers", ["view"], ["caution", "person", "relationship"])
    | _named("customers", ["add"], ["order", "interaction"])
    | _named("customers", ["change"], ["interaction"])
    | _named("portal", ["add"], ["hintpress"])
    | _named("tiers", ["view"], ["tier", "perk", "standing"])
    | _named("feedback", ["view"], ["recovery"])
)

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.LEAD: frozenset(_LEAD),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ANALYST: frozenset(_ANALYST),
    Role.ADMINISTRATOR: frozenset(_ADMINISTRATOR),
    Role.INTEGRATION: frozenset(_INTEGRATION),
}


def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions of a role; an unknown role has none."""
    return PERMISSIONS.get(role, frozenset())
