"""The first day: one colleague, nobody and nothing else. Every page stands, and says a helpful word."""

import html
import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from customers.models import Customer
from portal.roles import Role, permissions_of
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db

# Page → (the permission that opens it, what it says on that day).
PAGES = {
    "desk": ("portal.use_desk", "Nothing is waiting for you."),
    "customers": ("portal.use_desk", "A phone number in any notation"),
    "customer_add": ("customers.add_customer", "A name is enough to begin with."),
    "keys": ("portal.use_desk", "Find a customer"),
    "duplicates": ("customers.view_duplicate", "Nobody seems to be here twice."),
    "mending": ("feedback.view_recovery", "Nothing is open. Everybody who was let down has heard from us."),
    "promises": ("customers.view_all_promises", "Nothing is open. What we promised, we have done."),
    "prevention": ("feedback.view_preventionaction", "What goes wrong, where and how often"),
    "insight": ("feedback.view_insight", "Nobody has answered about these contacts."),
    "insight_answers": ("feedback.view_insight", "There are no such answers."),
    "insight_comments": ("feedback.view_insight", "There are no such comments."),
    "insight_replies": ("feedback.view_insight", "Nobody has been asked this yet."),
    "hints": ("portal.view_hintrule", "Which hints do colleagues make use of"),
}
# Doors that are no pages: presses, files, the phone system's, and what programs ask.
NO_PAGES = {"pop", "pop_attach", "pops_standing", "pops_stream", "preference_hint", "promises_file", "prevention_open"}
NO_PAGES |= {"insight_replies_file", "insight_rates_file", "insight_answers_file", "healthz", "readyz", "letter_sample"}
CONTACT = (
    "No phone or address yet",
    "No tier yet: it comes with the next reckoning.",
    "We owe them nothing. Enjoy the conversation.",
    "Nothing is open",
    "Nothing noted yet. Listen for one small thing, and note it.",
    "Nothing yet. This is where it begins.",
)


def doors() -> set[str]:
    """The names of all doors of the desk that lead somewhere without saying whom one means."""
    found, waiting = set(), list(get_resolver().url_patterns)
    for part in waiting:
        if isinstance(part, URLResolver):
            if not str(part.pattern).startswith(("admin", "accounts", "feedback", "api")):
                waiting.extend(part.url_patterns)
        elif isinstance(part, URLPattern) and not part.pattern.converters and part.name:
            found.add(part.name)
    return found


def words_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def test_every_page_is_walked() -> None:
    assert doors() == set(PAGES) | NO_PAGES


@pytest.mark.parametrize("role", Role)
def test_every_page_stands_and_says_a_helpful_word(role: Role) -> None:
    client, may = Client(), permissions_of(role) if "portal.use_desk" in permissions_of(role) else frozenset()
    client.force_login(make_user(role))
    for name, (permission, sentence) in PAGES.items():
        if permission in may or (name == "hints" and "feedback.view_insight" in may):
            assert sentence in words_of(client, reverse(name)), name
        else:
            assert client.get(reverse(name)).status_code == 403, name
    if may:
        said = words_of(client, reverse("desk"))
        assert ("Nobody is known here yet." in said) is ("customers.add_customer" in may)
        page = words_of(client, reverse("contact", args=[make_customer().public_id]) + "?show=timeline")
        for sentence in CONTACT:
            assert sentence in page
        assert "Nobody is known here yet." not in words_of(client, reverse("desk"))
        assert Customer.objects.count() == 1
