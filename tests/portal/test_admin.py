"""The admin: who may do what with which model, and what is masked."""

import html
import re
from decimal import Decimal
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from pytest_django import DjangoAssertNumQueries

from customers.enums import LetterState
from customers.models import Customer, Letter, LiftedSuppression, Merge, Segment, SpeakingRules, Suppression
from customers.services.incidents import take_back_incident
from customers.services.relationships import note_relationship
from customers.services.selves import link_selves
from feedback.models import AskingRules, GivingAllowance, Holiday, NamedOwner, Visit, WorkingHours
from feedback.services.surveys import begin_survey
from feedback.starter import ensure_causes, ensure_mending_rules
from portal.models import ApiToken, HintOffer, OutsideSource, Reading
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in
from tests.feedback.giving_makers import make_asked, make_given
from tests.feedback.test_invitations import make_incident
from tests.portal.drawn import drawn_form
from tests.portal.known import (
    AMOUNT,
    COST,
    EMAIL,
    MARGIN,
    MEASURED,
    PHONE,
    make_known_customer,
    make_override,
    make_run,
    press,
)
from tiers.models import Preview, Scheme, Shard, Tier
from tiers.services.values import fit_value

pytestmark = pytest.mark.django_db

GIVEN = "6262.64"

# What a model's pages answer, by role: (list, add form, change form, delete page). `-` is 403.
SEEN, NOT = "v-v-", "----"
READ_ONLY = {"analyst": SEEN, "manager": SEEN, "administrator": SEEN}
RULES = {"analyst": SEEN, "manager": "vvvv", "administrator": "vvvv"}
SET_UP = {"analyst": SEEN, "manager": "vvvv", "administrator": "vvvv"}
PRIVATE = {"analyst": NOT, "manager": SEEN, "administrator": SEEN}
SCHEDULE = {"analyst": NOT, "manager": SEEN, "administrator": "vvvv"}
MATRIX: dict[str, dict[str, str]] = {
    "customers.consent": READ_ONLY,
    "customers.currency": SET_UP,
    "customers.customer": READ_ONLY,
    "customers.gesture": READ_ONLY,
    "customers.incident": READ_ONLY,
    "customers.interaction": READ_ONLY,
    "customers.letter": PRIVATE,
    "customers.liftedsuppression": PRIVATE,
    "customers.merge": PRIVATE,
    "customers.order": READ_ONLY,
    "customers.person": READ_ONLY,
    "customers.promise": READ_ONLY,
    "customers.rating": READ_ONLY,
    "customers.relationship": READ_ONLY,
    "customers.segment": SET_UP,
    "customers.speakingrules": READ_ONLY,
    "customers.suppression": READ_ONLY,
    "customers.takenbackincident": PRIVATE,
    "customers.touchpoint": SET_UP,
    "django_celery_beat.crontabschedule": SCHEDULE,
    "django_celery_beat.intervalschedule": SCHEDULE,
    "django_celery_beat.periodictask": SCHEDULE,
    "feedback.answer": READ_ONLY,
    "feedback.cause": SET_UP,
    "feedback.holiday": SET_UP,
    "feedback.mendingrules": READ_ONLY,
    "feedback.namedowner": SET_UP,
    "feedback.workinghours": SET_UP,
    "feedback.askingrules": READ_ONLY,
    "feedback.gesturekind": SET_UP,
    "feedback.gesturerequest": READ_ONLY,
    "feedback.givingallowance": SET_UP,
    "feedback.givingentry": READ_ONLY,
    "feedback.givingmonth": READ_ONLY,
    "feedback.invitation": READ_ONLY,
    "feedback.link": READ_ONLY,
    "feedback.recovery": READ_ONLY,
    "feedback.survey": RULES,
    "feedback.visit": READ_ONLY,
    "portal.hintoffer": SET_UP,
    "portal.hintrule": READ_ONLY,
    "portal.outsidesource": SCHEDULE,
    "portal.apitoken": {"analyst": NOT, "manager": NOT, "administrator": "vvvv"},
    "portal.reading": PRIVATE,
    "portal.user": {"analyst": NOT, "manager": SEEN, "administrator": "vvvv"},
    "tiers.costrate": RULES,
    "tiers.measures": READ_ONLY,
    "tiers.move": READ_ONLY,
    "tiers.preview": READ_ONLY,
    "tiers.override": {"analyst": SEEN, "manager": "vvv-", "administrator": "vvv-"},
    "tiers.run": READ_ONLY,
    "tiers.scheme": RULES,
    "tiers.skill": RULES,
    "tiers.standing": READ_ONLY,
    "tiers.tier": RULES,
    "tiers.valuefit": READ_ONLY,
}
# Model → roles that may save its form.
CHANGE = {
    "customers.currency": {"manager", "administrator"},
    "customers.segment": {"manager", "administrator"},
    "customers.speakingrules": {"manager", "administrator"},
    "customers.touchpoint": {"manager", "administrator"},
    "django_celery_beat.crontabschedule": {"manager", "administrator"},
    "django_celery_beat.intervalschedule": {"manager", "administrator"},
    "django_celery_beat.periodictask": {"manager", "administrator"},
    "feedback.askingrules": {"manager", "administrator"},
    "feedback.survey": {"manager", "administrator"},
    "feedback.cause": {"manager", "administrator"},
    "feedback.gesturekind": {"manager", "administrator"},
    "feedback.givingallowance": {"manager", "administrator"},
    "feedback.holiday": {"manager", "administrator"},
    "feedback.mendingrules": {"manager", "administrator"},
    "feedback.namedowner": {"manager", "administrator"},
    "feedback.workinghours": {"manager", "administrator"},
    "portal.apitoken": {"administrator"},
    "portal.hintoffer": {"manager", "administrator"},
    "portal.hintrule": {"manager", "administrator"},
    "portal.outsidesource": {"administrator"},
    "portal.user": {"administrator"},
    "tiers.costrate": {"manager", "administrator"},
    "tiers.override": set(),
    "tiers.scheme": {"manager", "administrator"},
    "tiers.skill": {"manager", "administrator"},
    "tiers.tier": {"manager", "administrator"},
}
INSIDE = ("analyst", "manager", "administrator")


@pytest.fixture
def known() -> Customer:
    return make_everything()


def make_everything() -> Customer:
    """A customer about whom there is something in every table."""
    absorbed, other = make_customer(), make_customer()
    customer = make_known_customer()
    Merge.objects.create(survivor=customer, absorbed=absorbed)
    link_selves(customer=customer, other=other, capacity="other")
    note_relationship(customer=absorbed, other=customer, kind="assistant")
    make_override(customer)
    Shard.objects.create(run=make_run(), first_id=1, last_id=2)
    fit_value()
    Preview.objects.create(scheme=Scheme.objects.order_by("-pk")[0], as_of=timezone.localdate(), digest="x" * 64)
    Suppression.objects.create(address=EMAIL, reason="by_hand")
    LiftedSuppression.objects.create(address=EMAIL, reason="by_hand", suppressed_at=timezone.now(), why="They asked")
    take_back_incident(incident=make_incident(customer), by=make_user(Role.LEAD))
    begin_survey(name="A draft")
    make_given(customer, Decimal(GIVEN))
    make_asked(make_user(), customer=customer, cost=Decimal(GIVEN))
    AskingRules.objects.get_or_create(pk=1)
    SpeakingRules.objects.get_or_create(pk=1)
    ensure_mending_rules()
    ensure_causes()
    NamedOwner.objects.create(tier=Tier.objects.order_by("-rank")[0], owner=make_user(Role.LEAD))
    WorkingHours.objects.create(weekday=0)
    HintOffer.objects.create(kind="plan_b", words="vase", text="Offer to lend a vase")
    OutsideSource.objects.create(name="Parcels", url="https://parcels.example/{reference}")
    Holiday.objects.create(on="2030-12-25", name="Christmas Day")
    invitation = customer.invitations.get()
    link = invitation.links.create(token_hash=b"x" * 32, purpose="answer", expires_at=timezone.now())
    Visit.objects.create(link=link, method="GET")
    Reading.objects.create(user_id=1, customer_id=customer.pk, door="api")
    ApiToken.issue(user=make_user(), name="A program", scopes=["read"], expires_at=timezone.now())
    every = IntervalSchedule.objects.create(every=7, period="seconds")
    CrontabSchedule.objects.create(minute="7")
    PeriodicTask.objects.create(name="A task", task="tests.nothing", interval=every)
    return customer


def model_of(label: str) -> type[Model]:
    return next(model for model in admin.site._registry if model._meta.label_lower == label)


def one_of(label: str) -> Model:
    """The newest row; of schemes and surveys a draft."""
    found = model_of(label)._default_manager.order_by("-pk")
    row = (found.filter(state="draft") if label in ("tiers.scheme", "feedback.survey") else found).first()
    assert row is not None, label
    return row


def pages_of(label: str) -> list[str]:
    name = f"admin:{label.replace('.', '_')}"
    pk = one_of(label).pk
    return [
        reverse(f"{name}_changelist"),
        reverse(f"{name}_add"),
        reverse(f"{name}_change", args=[pk]),
        reverse(f"{name}_delete", args=[pk]),
    ]


def test_every_model_has_its_row() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(MATRIX)


@pytest.mark.parametrize("role", INSIDE)
def test_each_role_at_each_page_and_nothing_masked_gets_out(role: str, known: Customer) -> None:
    client, told = signed_in(role), ""
    for label, by_role in MATRIX.items():
        answers = [client.get(page) for page in pages_of(label)]
        seen = "".join({200: "v", 403: "-"}.get(answer.status_code, "?") for answer in answers)
        assert seen == by_role[role], label
        # The list and the form of what is there.
        told += "".join(answer.content.decode() for answer in (answers[0], answers[2]))
    assert (PHONE[3:-1] in told) is (role != "analyst")
    assert (EMAIL in told) is (role != "analyst")
    assert MARGIN in told
    assert MEASURED in told
    assert AMOUNT in told
    assert COST in told
    assert GIVEN in told


@pytest.mark.parametrize("role", INSIDE)
def test_only_named_roles_can_save(role: str, known: Customer) -> None:
    client = signed_in(role)
    for label in MATRIX:
        _list, _add, change, delete = pages_of(label)
        status = client.post(change, {}).status_code
        # 200 is the form again, with what is missing.
        assert (status in {200, 302}) == (role in CHANGE.get(label, set())), (label, status)
        if MATRIX[label][role][3] == "-":
            assert client.post(delete, {"post": "yes"}).status_code == 403, label


def test_every_form_is_saved_as_a_browser_sends_it_back(known: Customer) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    # To a role, to a colleague, to a tier, and to the whole house.
    GivingAllowance.objects.all().delete()
    GivingAllowance.objects.create(role="agent", per_gesture=1, per_month=2)
    GivingAllowance.objects.create(person=make_user(), per_gesture=1, per_month=2)
    saved = []
    for label, roles in CHANGE.items():
        if not roles:
            continue
        row = one_of(label)
        page = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])
        drawn = client.get(page)
        sent = drawn_form(drawn.content.decode(), f"{row._meta.model_name}_form")
        answer = client.post(page, sent)
        assert answer.status_code == 302, (label, sent, answer.context and answer.context.get("errors"))
        saved.append(label)
    assert len(saved) > 20


@pytest.mark.parametrize("ticked", ["x", "1.5", "\x00", "٣x", ""])
def test_a_ticked_row_that_is_none_is_a_bad_request(ticked: str, known: Customer) -> None:
    client = signed_in()
    form = {"action": "delete_selected", "_selected_action": [str(one_of("customers.segment").pk), ticked]}
    assert client.post("/admin/customers/segment/", form).status_code == 400


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_no_page_leads_to_one_that_its_reader_may_not_open(role: str, known: Customer) -> None:
    client, seen = signed_in(role), set[str]()
    for label, by_role in MATRIX.items():
        for page, letter in zip(pages_of(label), by_role[role], strict=True):
            if letter != "v":
                continue
            for path in links_on(client.get(page).content.decode(), page):
                shape = re.sub(r"\d+", "#", path.partition("?")[0])
                if shape not in seen and "logout" not in shape:
                    seen.add(shape)
                    assert client.get(path).status_code < 400, (path, page)
    assert len(seen) > 100


def links_on(text: str, page: str) -> list[str]:
    """The addresses on this site that a page leads to."""
    found = (urlsplit(urljoin(page, html.unescape(href))) for href in re.findall(r'<a[^>]* href="([^"#]+)', text))
    return [f"{one.path}?{one.query}" for one in found if not one.netloc]


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.INTEGRATION])
def test_those_without_the_admin_stay_outside(role: str, known: Customer) -> None:
    client = signed_in(role)
    for label in MATRIX:
        for page in pages_of(label):
            assert client.get(page, follow=True).status_code == 403, page


def test_strangers_are_sent_to_the_one_sign_in() -> None:
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    response = Client().post("/admin/login/", {"username": "a", "password": "b"})
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("label", "permission", "canaries"),
    [
        ("customers.order", "customers.view_money", [AMOUNT]),
        ("customers.order", "customers.view_margin", [MARGIN]),
        ("customers.gesture", "customers.view_money", [COST]),
        ("feedback.gesturekind", "customers.view_money", [GIVEN]),
        ("feedback.givingallowance", "customers.view_money", [GIVEN]),
        ("feedback.givingmonth", "customers.view_money", [GIVEN]),
        ("feedback.givingentry", "customers.view_money", [GIVEN]),
        ("feedback.gesturerequest", "customers.view_money", [GIVEN]),
        ("tiers.measures", "customers.view_margin", [MEASURED]),
    ],
)
def test_money_is_masked_by_its_permission(
    label: str, permission: str, canaries: list[str], known: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import roles

    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {permission})
    client = signed_in(Role.ANALYST)
    pages = pages_of(label)
    told = "".join(client.get(page).content.decode() for page in (pages[0], pages[2]))
    assert not [canary for canary in canaries if canary in told]


def test_search_does_not_tell_whose_number_it_is(known: Customer) -> None:
    number = PHONE[:-1] + "0"
    page = "/admin/customers/customer/?q=" + number.replace("+", "%2B")
    assert known.full_name in signed_in(Role.MANAGER).get(page).content.decode()
    assert known.full_name not in signed_in(Role.ANALYST).get(page).content.decode()


def test_looking_at_a_customer_is_written_down(known: Customer) -> None:
    client = signed_in(Role.ANALYST)
    before = Reading.objects.filter(door="admin").count()
    client.get(f"/admin/customers/customer/{known.pk}/change/")
    client.get("/admin/customers/customer/999999/change/")
    assert Reading.objects.filter(door="admin").count() == before + 1
    assert Reading.objects.filter(door="admin").get().customer_id == known.pk


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(
    ("label", "queries"),
    [
        ("customers.order", 5),
        ("customers.interaction", 5),
        ("customers.gesture", 5),
        ("feedback.givingentry", 5),
        ("customers.rating", 5),
        ("customers.segment", 4),
        ("tiers.standing", 5),
    ],
)
def test_lists_cost_the_same_for_one_and_three(
    label: str, queries: int, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(many):
        make_known_customer()
    client = signed_in(Role.MANAGER)
    page = reverse(f"admin:{label.replace('.', '_')}_changelist")
    client.get(page)
    with django_assert_num_queries(queries):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize(("deed", "state"), [("was_delivered", LetterState.SENT), ("send_again", LetterState.QUEUED)])
def test_uncertain_letters_are_settled_once(deed: str, state: str, known: Customer) -> None:
    letter = Letter.objects.filter(customer=known).order_by("pk")[0]
    certain = Letter.objects.filter(customer=known).order_by("pk")[1]
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.UNCERTAIN)
    client = signed_in(Role.MANAGER)
    response = press(client, "customers.letter", deed, letter, certain)
    letter.refresh_from_db()
    assert letter.state == state
    assert "1 letter is settled." in response.content.decode()
    assert "1 letter was not uncertain" in response.content.decode()


def test_segment_is_added_changed_and_counted(known: Customer) -> None:
    client = signed_in(Role.MANAGER)
    form = {"name": "Abroad", "slug": "abroad", "kind": "geographic", "is_active": "on"}
    assert client.post("/admin/customers/segment/add/", form).status_code == 302
    segment = Segment.objects.get(slug="abroad")
    segment.members.create(customer=known)
    page = f"/admin/customers/segment/{segment.pk}/change/"
    assert client.post(page, {**form, "name": "Overseas", "is_active": ""}).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.is_active) == ("Overseas", False)
    rows = client.get("/admin/customers/segment/").context["cl"].result_list
    assert {row.slug: row.members_in_all for row in rows}["abroad"] == 1
    assert client.post("/admin/customers/segment/add/", form).status_code == 200  # the short name is taken
    assert client.post("/admin/customers/segment/add/", {**form, "slug": "b", "kind": "other"}).status_code == 200
    assert Segment.objects.filter(slug="b").count() == 0


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("/admin/tiers/override/", {"kind__exact": "\0"}),
        (
            "/admin/autocomplete/",
            {"term": "\0", "app_label": "tiers", "model_name": "override", "field_name": "customer"},
        ),
    ],
)
def test_a_nul_in_an_admin_address_breaks_nothing(url: str, query: dict[str, str]) -> None:
    client = signed_in(Role.MANAGER)
    client.raise_request_exception = False
    assert client.get(url, query).status_code < 500


@pytest.mark.parametrize(("role", "may_add"), [(Role.ANALYST, False), (Role.MANAGER, True)])
def test_an_empty_list_invites_to_add_only_whoever_may(role: Role, may_add: bool) -> None:
    HintOffer.objects.all().delete()
    client, page = signed_in(role), reverse("admin:portal_hintoffer_changelist")
    for query, said, resets in (("", "There is nothing here yet.", False), ("?q=x", "Nothing fits", True)):
        html = client.get(page + query).content.decode()
        empty = html[html.index("No results found") :]
        assert said in empty
        assert "Create a new item" not in html
        assert ("You can add something." in empty) is may_add
        assert (reverse("admin:portal_hintoffer_add") in empty) is may_add
        assert ("Reset filters" in empty) is resets
