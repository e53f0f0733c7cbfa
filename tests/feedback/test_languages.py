"""Customers get their own language, by the address alone; colleagues never a page that is half in another."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from customers.models import Customer
from feedback.emails import language_of, lead_question
from feedback.models import Answer
from portal.roles import Role
from tests.factories import make_user
from tests.feedback.makers import make_invitation, make_link
from tests.feedback.test_put_right import asked

pytestmark = pytest.mark.django_db

CODES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def token() -> str:
    """A link of a customer who reads French."""
    _link, token = make_link()
    Customer.objects.update(language="fr-CA")
    return token


def at(token: str, query: str = "", purpose: str = "answer") -> str:
    return reverse(f"feedback:{purpose}", args=[token]) + query


def question_in(language: str) -> str:
    with translation.override(language):
        return lead_question()


def test_the_customers_own_language_is_where_it_begins(client: Client, token: str) -> None:
    response = client.get(at(token), headers={"accept-language": "de"})
    page = response.content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert question_in("fr") in page
    assert response["Content-Language"] == "fr"


@pytest.mark.parametrize("language", CODES)
def test_the_switch_leads_to_each_language_and_stays(client: Client, token: str, language: str) -> None:
    page = client.get(at(token, "?a=no")).content.decode()
    direction = "rtl" if language == "ar" else "ltr"
    if language != "fr":
        assert f'href="?a=no&amp;lang={language}" hreflang="{language}" lang="{language}" dir="{direction}"' in page
    response = client.get(at(token, f"?a=no&lang={language}"))
    page = response.content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert question_in(language) in page
    assert 'value="no" required checked' in page
    assert f'<form method="post" action="?lang={language}">' in page
    assert not response.cookies
    # Through the forms, the redirect and the sentences of a refusal.
    pressed = client.post(at(token, f"?lang={language}"), {"enjoyed": "no", "confirm": "yes"})
    assert pressed["Location"] == at(token, f"?then=thanks&lang={language}")
    told = client.get(pressed["Location"]).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in told
    assert ("Thank you" in told) is (language == "en")
    refused = client.post(at(token, f"?lang={language}"), {"comment": "x" * 4001})
    assert ("Please say it" in refused.content.decode()) is (language == "en")
    more = client.post(at(token, f"?lang={language}"), {"comment": "x"})
    assert more["Location"] == at(token, f"?then=words&lang={language}")


@pytest.mark.parametrize("language", CODES)
def test_the_switch_keeps_what_the_letter_said_about_mending(client: Client, language: str) -> None:
    _, token = asked()
    page = client.get(at(token, f"?a=no&lang={language}", "mended")).content.decode()
    other = "de" if language != "de" else "en"
    assert f'href="?a=no&amp;lang={other}"' in page
    assert 'value="no" required checked' in page
    done = client.post(at(token, f"?lang={language}", "mended"), {"said": "no", "confirm": "yes"})
    assert f'href="?then=thanks&amp;lang={other}"' in client.get(done["Location"]).content.decode()


def test_the_language_of_the_page_is_kept_with_the_words(client: Client, token: str) -> None:
    client.get(at(token, "?lang=de"))
    client.post(at(token, "?lang=de"), {"enjoyed": "no", "confirm": "yes"})
    client.post(at(token, "?lang=de"), {"comment": "Niemand hat zurückgerufen."})
    assert Answer.objects.get().language == "de"
    client.post(at(token), {"comment": "Très aimable"})
    assert Answer.objects.get().language == "fr"
    client.post(at(token), {"comment": ""})
    assert Answer.objects.get().language == ""


def test_a_language_that_is_none_is_left_alone(client: Client, token: str) -> None:
    for wanted in ("xx", "<b>", "EN", "", "de&lang=xx"):
        page = client.get(at(token, f"?lang={wanted}")).content.decode()
        assert '<html lang="fr"' in page
        assert "<b>" not in page


@pytest.mark.parametrize("language", CODES)
def test_the_stop_page_speaks_it_too(client: Client, language: str) -> None:
    _link, stop = make_link(make_invitation(), "stop")
    url = at(stop, f"?lang={language}", "stop")
    assert f'<html lang="{language}"' in client.get(url).content.decode()
    done = client.post(url).content.decode()
    assert f'<html lang="{language}"' in done
    assert "hreflang" not in done, "in another language it would offer to stop once more"


def test_a_link_that_opens_nothing_says_so_in_the_browsers_language(client: Client) -> None:
    page = client.get(at("a" * 32), headers={"accept-language": "nl, es-MX;q=0.8, de;q=0.5"})
    assert '<html lang="es"' in page.content.decode()
    assert '<html lang="ar" dir="rtl">' in client.get(at("a" * 32, "?lang=ar")).content.decode()
    assert '<html lang="en"' in client.get(at("a" * 32), headers={"accept-language": "*"}).content.decode()


@pytest.mark.parametrize("page", ["/", "/?lang=de", "/admin/", "/admin/feedback/survey/", "/accounts/password/change/"])
def test_colleagues_get_no_page_that_is_half_german(page: str) -> None:
    told = []
    for language in ("en", "de"):
        client = Client(headers={"accept-language": language})
        client.cookies["django_language"] = language
        client.force_login(make_user(Role.ADMINISTRATOR, display_name="Name", email=f"{language}@house.example"))
        response = client.get(page)
        assert response.status_code == 200
        assert response["Content-Language"] == "en"
        told.append(_without_secrets(response.content.decode(), language))
    assert told[0] == told[1]


def _without_secrets(page: str, language: str) -> str:
    """A page without what differs from sign-in to sign-in: tokens, the colleague's number and address."""
    page = page.replace(f"{language}@house.example", "")
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"|data-user="\d+"|csrf-token" content="\w+"|X-CSRFToken[^}]*', "", page
    )


def test_the_sign_in_is_in_the_houses_language_too() -> None:
    page = Client(headers={"accept-language": "de"}).get("/accounts/login/").content.decode()
    assert "Anmelden" not in page
    assert 'lang="en' in page


def test_who_came_with_an_underscore_is_written_to_in_their_language(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("external_id,full_name,language\n1,Ana Souza,pt_BR\n")
    call_command("import", "customers", str(file), "--source", "shop")
    assert language_of(Customer.objects.get(external_id="1").language) == "pt"
