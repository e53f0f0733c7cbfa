"""Machines that look after mail, each played with a real HTTP client or a real browser, and the person who comes after.

In each case the machine leaves no vote that counts, and the person can answer and is counted.
"""

import http.client
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.db.models.functions import Now
from playwright.sync_api import Browser, Page

from customers.emails import build_mail, compose, values_for
from customers.models import Consent, Letter, Suppression
from feedback.evidence import BY_HAND_AFTER
from feedback.models import Answer, Link, Recovery, Visit
from feedback.services.invitations import invite
from tests.feedback.makers import let_pass, make_closed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

SCANNER = "Mozilla/5.0 (compatible; MailScanner)"
PERSON = "Mozilla/5.0 (Linux; Android 15) Mobile"


class Mail:
    """A letter that has arrived: every address in it, as a program finds them."""

    def __init__(self, text: str) -> None:
        self.links = list(dict.fromkeys(re.findall(r'href="(http[^"]+)"', text)))
        self.answers = [link for link in self.links if "?a=" in link]
        self.unsubscribe = ""

    def link(self, answer: str) -> str:
        """The link for one answer."""
        return next(link for link in self.answers if link.endswith(f"?a={answer}"))


@pytest.fixture
def mail(live_server: Any, settings: Any) -> Mail:
    """A letter that left this moment, as the mail server gets it."""
    settings.SITE_URL = live_server.url
    invite(interaction_ids=[make_closed().pk])
    letter = Letter.objects.get()
    letter.message_id = "<one@house.example>"
    values = values_for(letter)
    Letter.objects.update(**compose(letter))
    message = build_mail(letter, values).message.decode(errors="replace").replace("=\r\n", "").replace("=3D", "=")
    found = Mail(message)
    unsubscribe = re.search(r"List-Unsubscribe: ?\s*<([^>]+)>", message)
    assert unsubscribe
    found.unsubscribe = unsubscribe[1]
    assert len(found.answers) == 3
    assert len(found.links) == 5, "three answers, the decoy, and stopping"
    Letter.objects.update(state="sent", sent_at=Now())
    return found


class Forms(HTMLParser):
    """The forms of a page with what they would send by themselves: what is filled in or chosen, and the button."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((known.get("action", ""), {}))
        is_field = tag in ("input", "button", "textarea") and bool(self.forms and known.get("name"))
        if is_field and (known.get("type") != "radio" or "checked" in known):
            self.forms[-1][1][known["name"]] = known.get("value", "")


def ask(method: str, url: str, body: dict[str, str] | None = None, agent: str = SCANNER) -> tuple[int, str, str]:
    """Ask as a program does, without following anything; return status, place to go on and page."""
    where = urlsplit(url)
    line = http.client.HTTPConnection(where.netloc, timeout=30)
    try:
        headers = {"User-Agent": agent} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        line.request(method, f"{where.path}?{where.query}", urlencode(body) if body else None, headers)
        answer = line.getresponse()
        return answer.status, urljoin(url, answer.headers.get("Location", "")), answer.read().decode()
    finally:
        line.close()


def submit_forms(url: str, agent: str = SCANNER) -> None:
    """Open a page and send each of its forms as it stands; follow once, and send what is there too."""
    page = ask("GET", url, agent=agent)[2]
    for action, fields in Forms(page).forms:
        status, onward, _ = ask("POST", urljoin(url, action), fields, agent)
        if status == 303:
            for again, more in Forms(ask("GET", onward, agent=agent)[2]).forms:
                ask("POST", urljoin(onward, again), more, agent)


def press_buttons(page: Page, url: str) -> None:
    """Open a page and press each button that is there, and what then appears."""
    page.goto(url)
    for _ in range(2):
        buttons = page.get_by_role("button")
        if not buttons.count():
            return
        buttons.first.click(timeout=5000)
        page.wait_for_load_state()


def head_then_get(mail: Mail, browser: Browser) -> None:
    for link in mail.links:
        ask("HEAD", link)
        ask("GET", link)


def script_that_waits(mail: Mail, browser: Browser) -> None:
    context = browser.new_context(user_agent=SCANNER)
    page = context.new_page()
    page.clock.install()
    for link in mail.links:
        page.goto(link)
        page.clock.run_for(1500)
        let_pass(timedelta(seconds=1.5))
    context.close()


def forms_that_post_themselves(mail: Mail, browser: Browser) -> None:
    let_pass(timedelta(minutes=1))
    for link in mail.links[::-1]:
        if "/stop/" not in link:
            submit_forms(link)


def buttons_at_arrival(mail: Mail, browser: Browser) -> None:
    context = browser.new_context(user_agent=SCANNER)
    page = context.new_page()
    for link in mail.answers:
        press_buttons(page, link)
    context.close()


def buttons_minutes_later(mail: Mail, browser: Browser) -> None:
    context = browser.new_context(user_agent=SCANNER)
    page = context.new_page()
    for link in mail.links:
        page.goto(link)
    let_pass(timedelta(minutes=6))
    for link in mail.answers:
        press_buttons(page, link)
    context.close()


def presses_one_link_after_the_other(mail: Mail, browser: Browser) -> None:
    """Nothing is known of it when it presses first; what it does next gives it away."""
    let_pass(timedelta(minutes=1))
    for link in mail.answers:
        submit_forms(link)


def presses_once_and_opens_the_decoy(mail: Mail, browser: Browser) -> None:
    let_pass(timedelta(minutes=1))
    submit_forms(mail.link("no"))
    for link in mail.links:
        if "?a=" not in link and "/stop/" not in link:
            ask("GET", link)


def each_link_from_another_browser(mail: Mail, browser: Browser) -> None:
    let_pass(timedelta(minutes=1))
    for number, link in enumerate(mail.answers):
        ask("GET", link, agent=f"{SCANNER} {number}")
    for number, link in enumerate(mail.answers):
        submit_forms(link, agent=f"{SCANNER} {number}")


def unsubscribe_by_get(mail: Mail, browser: Browser) -> None:
    for method in ("HEAD", "GET"):
        assert ask(method, mail.unsubscribe)[0] == 200


def prefetch_by_the_mail_app(mail: Mail, browser: Browser) -> None:
    """By the person's own browser, of every link, seconds before the person."""
    let_pass(timedelta(minutes=1))
    for link in mail.links:
        ask("GET", link, agent=PERSON)


MACHINES = [
    head_then_get,
    script_that_waits,
    forms_that_post_themselves,
    buttons_at_arrival,
    buttons_minutes_later,
    presses_one_link_after_the_other,
    presses_once_and_opens_the_decoy,
    each_link_from_another_browser,
    unsubscribe_by_get,
    prefetch_by_the_mail_app,
]


def answer_as_a_person(browser: Browser, mail: Mail, enjoyed: str, label: str, agent: str = PERSON) -> None:
    """Open the link on a phone and press; whoever is asked once more chooses and presses again."""
    context = browser.new_context(user_agent=agent, java_script_enabled=False)
    page = context.new_page()
    page.goto(mail.link(enjoyed))
    page.get_by_role("button", name="Send my answer").click()
    if "then=again" in page.url:
        let_pass(BY_HAND_AFTER)
        page.get_by_text(label, exact=True).click()
        page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    context.close()


@pytest.mark.parametrize("agent", [PERSON, SCANNER], ids=["own-browser", "like-the-machine"])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_machine_does_not_count_and_the_person_does(
    machine: Callable[[Mail, Browser], None], agent: str, mail: Mail, browser: Browser
) -> None:
    machine(mail, browser)
    assert Visit.objects.exists()
    assert not Answer.objects.filter(is_counted=True).exists()
    assert not Consent.objects.exists()
    assert not Suppression.objects.exists()
    let_pass(timedelta(seconds=12))
    answer_as_a_person(browser, mail, "partly", "In part", agent)
    assert Answer.objects.get(is_counted=True).enjoyed == "partly"
    assert not Answer.objects.exclude(conflict="").exists()


def test_the_person_on_the_heels_of_a_prefetch_is_counted(mail: Mail, browser: Browser) -> None:
    prefetch_by_the_mail_app(mail, browser)
    answer_as_a_person(browser, mail, "no", "No, I did not")
    assert Answer.objects.get(is_counted=True).enjoyed == "no"
    assert Recovery.objects.count() == 1


def test_who_is_told_twice_from_two_places_is_kept_and_not_overwritten(mail: Mail, browser: Browser) -> None:
    let_pass(timedelta(minutes=1))
    answer_as_a_person(browser, mail, "yes", "Yes, I did")
    context = browser.new_context(user_agent="Mozilla/5.0 Somebody else")
    page = context.new_page()
    page.goto(mail.link("no"))
    page.get_by_role("button", name="Send this answer instead").click()
    page.get_by_role("status").get_by_text("a person will look at both").wait_for()
    context.close()
    said = Answer.objects.order_by("pk").values_list("enjoyed", "is_counted", "conflict")
    assert list(said) == [("yes", True, ""), ("no", False, "elsewhere")]
    answers: Any = Answer.objects.with_state()
    assert answers.get(is_disputed=True).is_counted


def test_nobody_meets_the_decoy(mail: Mail, browser: Browser, live_server: Any) -> None:
    """Neither eye, nor keyboard, nor screen reader: with the styles taken away either."""
    [decoy] = [link for link in mail.links if "?a=" not in link and "/stop/" not in link]
    letter = Letter.objects.get()
    assert "%DECOY%" not in letter.text
    html = letter.html.replace("%DECOY%", decoy).replace("%ANSWER%", live_server.url).replace("%STOP%", decoy)
    context = browser.new_context()
    page = context.new_page()
    for content in (html, re.sub(r' style="[^"]*"', "", html), re.sub(r' (style="[^"]*"|hidden)', "", html)):
        page.set_content(content)
        box = page.locator("a[tabindex]").bounding_box()
        assert box is None or box["width"] == 0
        reached = set()
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.textContent"))
        assert "" not in reached
        assert page.get_by_role("link").count() == 4
    context.close()
    assert Link.objects.filter(purpose="decoy").count() == 1
