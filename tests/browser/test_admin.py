"""The admin and the API's page in a real browser: no complaint of the policy, nothing that axe finds."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from customers.emails import write_sample
from customers.models import Letter, LetterEvent
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.factories import make_customer, make_user
from tests.portal.known import make_known_customer
from tests.tiers.customers_in_tiers import make_buyer
from tests.tiers.test_preview_graces import make_stricter
from tests.tiers.test_previews import finished
from tests.tiers.test_value_house import fill_house
from tiers.models import Bar, Override, Preview, Scheme, Tier
from tiers.services.drafts import copy_scheme
from tiers.services.previews import end_preview, request_preview
from tiers.services.runs import retier
from tiers.services.schemes import publish_scheme
from tiers.services.values import fit_value
from tiers.starter import ensure_starter_scheme

pytestmark = pytest.mark.django_db(transaction=True)
# Where somebody who wants to look at the pages has their pictures put.
PICTURES = os.environ.get("REGULARS_PICTURES")
# Whether the page itself can be pushed sideways.
SCROLLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def sign_in(page: Page, live_server: LiveServer) -> None:
    user = make_user(Role.ADMINISTRATOR)
    page.goto(f"{live_server.url}/admin/")
    assert "/accounts/login/" in page.url
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", "a long test password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def make_draft() -> Scheme:
    draft = Scheme.objects.create(version=900, name="Draft")
    tier = Tier.objects.order_by("-rank").first() or Tier.objects.create(rank=1, slug="a", name="A", shape="star")
    Bar.objects.create(scheme=draft, tier=tier, rule="entry", measure="margin", value=100)
    return draft


def make_previews() -> tuple[Preview, Preview]:
    """One that is finished, with a country in which many move, and one that nobody has begun."""
    published = Scheme.objects.get(state="published")
    for number in range(40):
        make_buyer(timezone.localdate(), "400.00", orders=3, customer=make_customer(country=("FR", "DE")[number % 2]))
    waiting = Scheme.objects.create(version=901, name="Later")
    for bar in published.bars.all():
        bar.pk, bar.scheme = None, waiting
        bar.save()
    preview = end_preview(preview=request_preview(scheme=published, by=None))
    assert preview.state == "finished"
    return preview, request_preview(scheme=waiting, by=None)


def test_admin_pages(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    customer, draft = make_known_customer(), make_draft()
    empty = fit_value()
    fill_house(300, chance_to_leave=0)
    fit = fit_value()
    ensure_starter_scheme()
    preview, waiting = make_previews()
    sign_in(page, live_server)
    pages = {
        "index": "/admin/",
        "orders": "/admin/customers/order/",
        "customer": f"/admin/customers/customer/{customer.pk}/change/",
        "scheme": f"/admin/tiers/scheme/{draft.pk}/change/",
        "predicted-value": "/admin/tiers/valuefit/",
        "fit": f"/admin/tiers/valuefit/{fit.pk}/change/",
        "fit-of-too-few": f"/admin/tiers/valuefit/{empty.pk}/change/",
        "preview": f"/admin/tiers/preview/{preview.pk}/change/",
        "preview-moves": f"/admin/tiers/preview/{preview.pk}/moves/",
        "preview-under-way": f"/admin/tiers/preview/{waiting.pk}/change/",
    }
    look_at(page, live_server, pages, scheme)
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + pages["fit"])
    assert_accessible(page)
    assert not page.evaluate(SCROLLS)
    chart = page.get_by_role("region", name="Chart of purchases predicted and in fact")
    chart.focus()
    sizes = chart.locator("text").evaluate_all("texts => texts.map(text => text.getBoundingClientRect().height)")
    assert min(sizes) >= 12, "written as large as on a wide screen; the chart scrolls in its box"


def test_preview_of_a_higher_bar(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ensure_starter_scheme()
    day = timezone.localdate() - timedelta(days=50)
    for margin in ("720.00", "720.00", "720.00", "2100.00", "300.00"):
        make_buyer(day, margin, orders=12)
    retier(as_of=day)
    preview = finished(make_stricter("1.7"))
    sign_in(page, live_server)
    path = f"/admin/tiers/preview/{preview.pk}/change/"
    look_at(page, live_server, {"preview-higher-bar": path, "preview-nobody": f"{path}../moves/"}, scheme)
    page.goto(live_server.url + path)
    page.set_viewport_size(PHONE)
    assert_accessible(page)
    assert not page.evaluate(SCROLLS)
    assert page.get_by_text("House guest: 3 customers would be below the bar for staying.").is_visible()


def test_letters(page: Page, live_server: LiveServer, scheme: str) -> None:
    """An uncertain letter with a story, one that came back, and samples."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    uncertain, back = make_stories()
    sign_in(page, live_server)
    pages = {
        "letters": "/admin/customers/letter/",
        "letter-uncertain": f"/admin/customers/letter/{uncertain.pk}/change/",
        "letter-came-back": f"/admin/customers/letter/{back.pk}/change/",
        "samples": "/admin/customers/letter/samples/",
        "sample": "/admin/customers/letter/samples/feedback.invitation/en/",
    }
    look_at(page, live_server, pages, scheme)
    page.goto(live_server.url + pages["sample"])
    assert page.frame_locator("iframe").get_by_role("link").first.is_visible(), "the policy lets the frame show it"


def make_stories() -> tuple[Letter, Letter]:
    """A letter of which nobody knows whether it arrived, and one that came back."""
    letters = []
    for number, (state, kinds) in enumerate(STORIES.items()):
        sample = write_sample(kind="feedback.invitation", language="en")
        letter = Letter.objects.create(
            customer=make_customer(),
            kind="feedback.invitation",
            subject_key=str(number),
            to_address=f"customer{number}@mail.example",
            subject=sample.subject,
            text=sample.text,
            html=sample.html,
            state=state,
            sent_at=timezone.now() if state == "sent" else None,
            bounced_at=timezone.now() if state == "sent" else None,
            message_id=f"<{number:032x}@house.example>",
            attempts=2,
        )
        for kind, words in kinds:
            LetterEvent.objects.create(letter=letter, kind=kind, words=words)
        letters.append(letter)
    return letters[0], letters[1]


STORIES = {
    "uncertain": [("put_off", "RCPT: 451 4.7.1 Greylisted"), ("uncertain", "text: Connection unexpectedly closed")],
    "sent": [("sent", "text: 250 OK"), ("bounced", "smtp; 550 5.1.1 <customer1@mail.example>: no such user")],
}


def look_at(page: Page, live_server: LiveServer, pages: dict[str, str], scheme: str) -> None:
    """Open each page, let axe read it, and take pictures where somebody wants them."""
    for name, path in pages.items():
        page.goto(live_server.url + path)
        page.wait_for_load_state()
        for size, viewport in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(viewport)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"admin-{name}-{scheme}-{size}.png", full_page=True)
            if size == "wide":
                assert_accessible(page)
        page.set_viewport_size(WIDE)


def test_rules_and_reasons(page: Page, live_server: LiveServer, scheme: str) -> None:
    """A draft with something to mend, the published scheme, a retired one, and why somebody has their tier."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ensure_starter_scheme()
    first = Scheme.objects.get(state="published")
    published = publish_scheme(scheme=copy_scheme(scheme=first), by=make_user(Role.MANAGER))
    draft = copy_scheme(scheme=published, name="Autumn")
    draft.weights.create(measure="margin", weight=5, full_at=2000)
    draft.weights.create(measure="cost", weight=1, full_at=200)
    draft.bars.filter(tier__slug="family", rule="entry", measure="orders").update(value=2)
    customer = make_buyer(timezone.localdate(), "1240.00", orders=9)
    retier()
    Override.objects.create(
        customer=customer,
        kind="floor",
        tier=Tier.objects.get(slug="house-guest"),
        reason="We promised it in writing.",
        owner=make_user(Role.MANAGER),
        ends_on=timezone.localdate(),
    )
    sign_in(page, live_server)
    pages = {
        "draft": f"/admin/tiers/scheme/{draft.pk}/change/",
        "published": f"/admin/tiers/scheme/{published.pk}/change/",
        "retired": f"/admin/tiers/scheme/{first.pk}/change/",
        "why": f"/admin/tiers/standing/why/{customer.public_id}/",
        "standings": "/admin/tiers/standing/",
        "tier": f"/admin/tiers/tier/{Tier.objects.get(slug='family').pk}/change/",
        "rates": "/admin/tiers/costrate/",
    }
    look_at(page, live_server, pages, scheme)
    page.goto(f"{live_server.url}/admin/tiers/scheme/{draft.pk}/change/")
    family = Tier.objects.get(slug="family")
    page.fill(f"#id_entry-{family.pk}-orders", "many")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector(".rules-wrong")
    assert page.input_value(f"#id_entry-{family.pk}-orders") == "many"
    assert_accessible(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"admin-wrong-{scheme}.png", full_page=True)
    page.goto(f"{live_server.url}/customers/{customer.public_id}/")
    assert_accessible(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"admin-desk-{scheme}.png")


def test_docs_page_of_the_api(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == 13
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "api-docs.png")
