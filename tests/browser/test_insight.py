"""What we hear in a real browser: from a rate to the answers behind it, and no barrier for anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from customers.models import Segment
from feedback.models import Answer, Reply, Survey
from feedback.services.tones import note_tones
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_user
from tests.feedback.heard import hear, times
from tests.portal.worlds import give_tier, make_tiers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def make_year() -> None:
    """Something of everything: tiers, places, colleagues, months with many answers and with few."""
    now, tiers = timezone.now(), make_tiers()
    segment = Segment.objects.create(slug="cyclists", name="Cyclists", kind="behavioural")
    agents = [make_user(display_name=f"Colleague {number}") for number in range(3)]
    for number, tier in enumerate(tiers):
        customer = make_customer(full_name=f"Customer {number}")
        give_tier(customer, tier, days=400)
        segment.members.create(customer=customer)
        for month in range(6):
            hear(
                *times(yes=8 + number, partly=2, no=month, silent=6 * (4 - number)),
                customer=customer,
                at=now - timedelta(days=30 * month + 1),
                place=("phone-desk", "delivery", "website")[(number + month) % 3],
                channel=("phone", "chat")[month % 2],
                agent=agents[(number + month) % 3] if number else None,
            )
    hear("no", comment="I waited for an hour and the parcel was broken", agent=agents[0])
    hear("yes", comment="It was lovely, thank you")
    hear("partly", comment="وصل الطرد متأخرا", language="ar")
    hear("yes", doubts=("too_soon", "all_links"), comment="")
    survey = Survey.objects.get(state="published")
    for answer in Answer.objects.filter(is_counted=True):
        for question in survey.questions.filter(after__contains=[answer.enjoyed], kind="choice"):
            choices = list(question.choices.all())
            Reply.objects.create(answer=answer, question=question, choice=choices[answer.pk % 7 % len(choices)])
    note_tones()


def test_from_a_rate_to_the_answers_and_the_words(page: Page, live_server: Any) -> None:
    make_year()
    sign_in(page, live_server, make_user(Role.MANAGER))
    page.get_by_role("link", name="What we hear").click()
    expect(page.get_by_role("heading", level=1, name="What we hear")).to_be_visible()
    page.get_by_role("link", name="Family").click()
    expect(page.get_by_role("heading", level=1, name="Answers")).to_be_visible()
    expect(page.get_by_label("Tier")).to_have_value(str(make_tiers()[3].pk))
    page.get_by_role("link", name="Comments").click()
    page.get_by_label("Words").fill("waiting")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("There are no such comments.")).to_be_visible()
    page.get_by_role("link", name="Back to all").click()
    page.get_by_label("Words").fill("waiting")
    page.keyboard.press("Enter")
    expect(page.get_by_text("I waited for an hour")).to_be_visible()


@LOOKS
def test_no_barrier_in_what_we_hear(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    make_year()
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, make_user(Role.MANAGER))
    for path in [
        "/insight/",
        "/insight/answers/?said=no",
        "/insight/comments/",
        "/insight/replies/",
        "/insight/?since=x",
    ]:
        page.goto(live_server.url + path)
        for summary in page.locator(".insight summary").all():
            if not summary.locator("xpath=..").evaluate("one => one.open"):
                summary.click()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
